/* Forget the macros of msg.def before they are given another meaning. */
#undef MSG
#undef END
#undef FD
#undef U8
#undef U16
#undef U32
#undef U64
#undef RANGE
#undef STR
#undef BYTES
#undef SECRET
#undef ADDR
#undef ENDPOINT
#undef NET
#undef ADDRS
#undef NETS
