/* The ike process: `ikerd -P ike'. */
#ifndef IKERD_IKE_IKE_H
#define IKERD_IKE_IKE_H

void ike_main(int argc, char *argv[]) __attribute__((__noreturn__));

#endif /* IKERD_IKE_IKE_H */
