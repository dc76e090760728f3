/* For msg.def users that need only its MSG() and END(): fields are nothing. */
#define FD
#define U8(f)
#define U16(f)
#define U32(f)
#define U64(f)
#define RANGE(f, lo, hi)
#define STR(f, size)
#define BYTES(f, max)
#define SECRET(f, max)
#define ADDR(f)
#define ENDPOINT(f)
#define NET(f)
