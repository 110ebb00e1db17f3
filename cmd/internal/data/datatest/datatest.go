// Package datatest makes small data for tests.
package datatest

import (
	"testing"

	"tapenet/mnist"
)

// Squares returns n images, each a bright square where its digit says.
func Squares(n int) (s mnist.Set) {
	for i := range n {
		image := make([]byte, mnist.Rows*mnist.Cols)
		for p := range 16 {
			image[(4+2*(i%10)+p/4)*mnist.Cols+5+p%4] = byte(200 + i)
		}
		s.Pixels, s.Labels = append(s.Pixels, image...), append(s.Labels, byte(i%10))
	}
	return s
}

// Folder returns a folder of four IDX files: 40 squares to train on and 20 to test on.
func Folder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := mnist.WriteDir(dir, Squares(40), Squares(20)); err != nil {
		t.Fatal(err)
	}
	return dir
}
