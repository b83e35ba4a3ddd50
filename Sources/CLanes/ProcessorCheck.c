// A build for AVX2 or AVX-512 stops with a sentence, not with an illegal instruction, on a processor
// without them. This runs before anything else of the program and is itself compiled for any processor.
#if defined(__x86_64__) && defined(__AVX2__)
#include <cpuid.h>
#include <stdint.h>
#include <unistd.h>

#define ANY_PROCESSOR __attribute__((target("arch=x86-64"), noinline))

/// Whether the processor has what this was compiled for, and the system keeps its registers.
ANY_PROCESSOR static int processor_suffices(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
  if (!(c & bit_FMA) || !(c & bit_AVX) || !(c & bit_OSXSAVE)) return 0;
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  if ((low & 0x6) != 0x6) return 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
  if (!(b & bit_AVX2) || !(b & bit_BMI2)) return 0;
#ifdef __AVX512F__
  if ((low & 0xE6) != 0xE6) return 0;
  if (!(b & bit_AVX512F) || !(b & bit_AVX512DQ) || !(b & bit_AVX512VL) || !(b & bit_AVX512BW))
    return 0;
#endif
  return 1;
}

ANY_PROCESSOR __attribute__((constructor(101))) static void check_processor(void) {
  if (processor_suffices()) return;
#ifdef __AVX512F__
  static const char message[] = "metastable: this build needs a processor with AVX-512; "
                                "build again here with 'make build'\n";
#else
  static const char message[] = "metastable: this build needs a processor with AVX2 and FMA; "
                                "build again here with 'make build'\n";
#endif
  ssize_t ignored = write(2, message, sizeof message - 1);
  (void)ignored;
  _exit(70);
}
#else
// Any processor will do.
typedef int metastable_no_processor_check;
#endif
