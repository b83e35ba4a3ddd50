// Shows ThreadSanitizer the slow paths of Swift's `Synchronization.Mutex` on Linux.
//
// The fast paths are atomic operations compiled into the caller, which the sanitizer sees. A contended lock
// is taken and released in libswiftSynchronization.so, which is not instrumented, by the kernel's FUTEX_LOCK_PI
// and FUTEX_UNLOCK_PI: nothing tells the sanitizer that the one happens after the other, and it reports
// everything that a contended Mutex protects. These functions stand before the library's, call them, and say
// so. They suppress nothing: what is touched without the lock is still reported.
//
// `make test SANITIZE=thread` links this into every program that it builds.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self
#define HANDLE "$s15Synchronization12_MutexHandleV"

// Two threads may look it up at once: they find the same address.
#define NEXT(type, name)                                                                                     \
  static type known;                                                                                         \
  type next = __atomic_load_n(&known, __ATOMIC_RELAXED);                                             \
  if (!next) __atomic_store_n(&known, next = (type)dlsym(RTLD_NEXT, name), __ATOMIC_RELAXED);

typedef SWIFT void (*LockSlow)(uint32_t thread, SELF);
typedef SWIFT bool (*TryLockSlow)(SELF);
typedef SWIFT void (*UnlockSlow)(SELF);

// _MutexHandle._lockSlow(_: UInt32)
SWIFT void lockSlow(uint32_t thread, SELF) __asm__(HANDLE "9_lockSlowyys6UInt32VF");
SWIFT void lockSlow(uint32_t thread, SELF) {
  NEXT(LockSlow, HANDLE "9_lockSlowyys6UInt32VF")
  next(thread, self);
  __tsan_acquire(self);
}

// _MutexHandle._tryLockSlow() -> Bool
SWIFT bool tryLockSlow(SELF) __asm__(HANDLE "12_tryLockSlowSbyF");
SWIFT bool tryLockSlow(SELF) {
  NEXT(TryLockSlow, HANDLE "12_tryLockSlowSbyF")
  bool locked = next(self);
  if (locked) __tsan_acquire(self);
  return locked;
}

// _MutexHandle._unlockSlow()
SWIFT void unlockSlow(SELF) __asm__(HANDLE "11_unlockSlowyyF");
SWIFT void unlockSlow(SELF) {
  NEXT(UnlockSlow, HANDLE "11_unlockSlowyyF")
  __tsan_release(self);
  next(self);
}
