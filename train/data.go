package train

import (
	"math"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// Data are labelled images.
type Data struct {
	Pixels []uint8 // (N, C, H, W), 0 to 255; the network sees them divided by 255
	Labels []uint8 // (N), the class of each image
}

// Len is the number of images N.
func (d Data) Len() int { return len(d.Labels) }

// check is an error unless d fits the network.
func (d Data) check(net *graph.Network) error {
	if d.Len() == 0 {
		return errors.New("no images")
	}
	if d.Len() > math.MaxInt32 {
		return errors.Errorf("got %d images, want at most %d", d.Len(), math.MaxInt32)
	}
	if size := net.In.Size(); len(d.Pixels) != d.Len()*size {
		return errors.Errorf("got %d pixels, want %d for each of %d images", len(d.Pixels), size, d.Len())
	}
	classes := net.Out().Size()
	for i, label := range d.Labels {
		if int(label) >= classes {
			return errors.Errorf("label %d of %d: got %d, want 0 to %d", i+1, d.Len(), label, classes-1)
		}
	}
	return nil
}

// gather sets a machine's inputs to the images that order names, at most m.N,
// and blanks the rest of them.
func (d Data) gather(m *graph.Machine, order []int32) {
	clear(m.Y)
	for i, k := range order {
		d.put(m, i, int(k))
	}
	clear(m.X[len(order)*len(m.X)/m.N:])
}

// take sets a machine's inputs to the images from lo up to hi, at most m.N, and
// blanks the rest of them.
func (d Data) take(m *graph.Machine, lo, hi int) {
	clear(m.Y)
	for k := lo; k < hi; k++ {
		d.put(m, k-lo, k)
	}
	clear(m.X[(hi-lo)*len(m.X)/m.N:])
}

// put sets image i of a machine to image k of d.
func (d Data) put(m *graph.Machine, i, k int) {
	size := len(m.X) / m.N
	graph.ScaleBytes(m.X[i*size:(i+1)*size], d.Pixels[k*size:(k+1)*size])
	if d.Labels != nil {
		m.Y[i*len(m.Y)/m.N+int(d.Labels[k])] = 1
	}
}
