// Package mnist holds the MNIST database of handwritten digits.
//
// A [Set] is a number of images with their labels. [Load] returns the two sets
// that are embedded in the program, [LoadDir] those of a folder with files of
// the same kind, which [WriteDir] writes. Images of another size and labels
// other than digits are for package idx.
//
// In comments N is the number of images; (N, 28, 28) is a flat slice, image by
// image, each row by row. Pixels and labels stay the bytes that they are in the
// file; a Set converts to a train.Data.
//
// MNIST is by Yann LeCun, Corinna Cortes and Christopher J.C. Burges, licence
// CC BY-SA 3.0; see data/README.md.
package mnist

// The size of an image in pixels, and the number of different labels.
const (
	Rows    = 28
	Cols    = 28
	Classes = 10
)

// Set is N images and the digit that each of them shows. The zero Set is empty.
type Set struct {
	Pixels []uint8 // (N, 28, 28), 0 is background, 255 is ink
	Labels []uint8 // (N), 0 to 9
}

// Len is N, the number of images.
func (s Set) Len() int { return len(s.Labels) }
