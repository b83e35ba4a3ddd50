#include "CBaselines.h"

#define TEXT(x) #x
#define VALUE(x) TEXT(x)

const char *cb_compiler(void) {
  return "Clang " VALUE(__clang_major__) "." VALUE(__clang_minor__) "." VALUE(__clang_patchlevel__);
}

int cb_no_math_errno(void) {
#ifdef __NO_MATH_ERRNO__
  return 1;
#else
  return 0;
#endif
}
