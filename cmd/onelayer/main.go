// This command trains a network of the notebook on MNIST, prints what Keras
// would print, and saves or draws what it is asked to. -h lists the flags.
package main

import (
	"tapenet/cmd/internal/fit"
	"tapenet/models"
)

func main() {
	fit.Main("OneLayer", models.OneLayer)
}
