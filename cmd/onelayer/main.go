// Command onelayer trains the network OneLayer on MNIST and prints what Keras would
// print. It can save and draw the network; -h lists the flags.
package main

import "tapenet/cmd/internal/fit"

func main() { fit.Main("onelayer") }
