package train

import (
	"math"

	"github.com/pkg/errors"

	"tapenet/graph"
)

// Data are labelled images of bytes, in at most 256 classes. A network sees each
// byte divided by 255, whatever it stands for.
type Data struct {
	Pixels []uint8 // (N, C, H, W) or (N, D)
	Labels []uint8 // (N), the class of each image, from 0
}

// Len is the number N of images.
func (d Data) Len() int { return len(d.Labels) }

// empty reports whether d has neither images nor labels.
func (d Data) empty() bool { return len(d.Pixels)+len(d.Labels) == 0 }

// check returns an error unless d fits the network.
func (d Data) check(net *graph.Network) error {
	if d.empty() {
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

// gather sets a machine's inputs from one up to another to those of n images, at most
// m.N: the i-th is the one that image names. It blanks the rest, which then count for
// nothing.
func (d Data) gather(m *graph.Machine, from, to, n int, image func(i int) int) {
	size, classes := len(m.X)/m.N, len(m.Y)/m.N
	clear(m.Y[from*classes : to*classes])
	for i := from; i < min(n, to); i++ {
		k := image(i)
		graph.Prefetch(d.Pixels[k*size : (k+1)*size]) // in a random order: each image would be waited for alone
	}
	for i := from; i < min(n, to); i++ {
		k := image(i)
		graph.ScaleBytes(m.X[i*size:(i+1)*size], d.Pixels[k*size:(k+1)*size])
		if d.Labels != nil {
			m.Y[i*classes+int(d.Labels[k])] = 1
		}
	}
	if blank := max(n, from); blank < to {
		clear(m.X[blank*size : to*size])
	}
}
