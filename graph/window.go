package graph

import (
	"cmp"

	"github.com/pkg/errors"
)

// Pad returns the Conv2d or MaxPool2D with n rows and columns of padding on each
// side of an image. They are 0 to a Conv2d, and never win in a MaxPool2D, where n
// is less than P. An image of H rows gives (H+2n-K)/S+1, or with P for K, rounded
// down.
func (l Layer) Pad(n int) Layer {
	l.Padding = n
	return l
}

// Same returns the Conv2d or MaxPool2D with Keras's padding "same": as little as
// makes the result H/S by W/S for the stride S, rounded up, half of it before the
// image and, if it is odd, one more after it.
func (l Layer) Same() Layer {
	l.SamePadding = true
	return l
}

// Stride returns the Conv2d or MaxPool2D with n pixels from one place of its
// window to the next, along both axes. 0 is the default, 1 for a Conv2d and P for a
// MaxPool2D.
func (l Layer) Stride(n int) Layer {
	if l.Step = n; n == l.defaultStep() {
		l.Step = 0
	}
	return l
}

// defaultStep is what a Step of 0 stands for.
func (l Layer) defaultStep() int {
	if l.Kind == KindMaxPool2D {
		return l.Pool
	}
	return 1
}

// hasWindow reports whether the layer is a Conv2d or a MaxPool2D.
func (l Layer) hasWindow() bool { return l.Kind == KindConv2d || l.Kind == KindMaxPool2D }

// Window says where the window of a Conv2d, which is its filters, or of a
// MaxPool2D lies on an image: for result (i, j) of a channel its first pixel is
// (i*Stride-Top, j*Stride-Left).
type Window struct {
	Side, Stride int

	Top, Bottom, Left, Right int // rows and columns of padding around the image
}

// Window is the window of a Conv2d or MaxPool2D; other layers have the zero Window.
func (l NamedLayer) Window() Window {
	if !l.hasWindow() {
		return Window{}
	}
	w := Window{l.Kernel, cmp.Or(l.Step, l.defaultStep()), l.Padding, l.Padding, l.Padding, l.Padding}
	if l.Kind == KindMaxPool2D {
		w.Side = l.Pool
	}
	if l.SamePadding {
		w.Top, w.Bottom = w.same(l.In[1])
		w.Left, w.Right = w.same(l.In[2])
	}
	return w
}

// same is the padding before and after an axis of a number of pixels that Same
// stands for.
func (w Window) same(pixels int) (before, after int) {
	places := (pixels-1)/w.Stride + 1
	all := max((places-1)*w.Stride-pixels+w.Side, 0)
	return all / 2, all - all/2
}

// padded is an image of shape x with its padding.
func (w Window) padded(x Shape) Shape {
	return Shape{x[0], w.Top + x[1] + w.Bottom, w.Left + x[2] + w.Right}
}

// fitWindow checks the window of a layer on images of shape (C, H, W), and returns
// in how many rows and columns it has a place.
func (l *NamedLayer) fitWindow() (high, wide int, err error) {
	if l.Padding < 0 || l.Step < 0 {
		return 0, 0, errors.Errorf("got %d, want at least 0", min(l.Padding, l.Step))
	}
	if l.SamePadding && l.Padding > 0 {
		return 0, 0, errors.New("got Pad and Same, want one of them")
	}
	if l.Kind == KindMaxPool2D && l.Padding >= l.Pool {
		return 0, 0, errors.Errorf("got a padding of %d, want less than the window's %d", l.Padding, l.Pool)
	}
	w := l.Window()
	x := w.padded(l.In)
	if x.Size() > maxSize {
		return 0, 0, errTooLarge
	}
	if w.Side > min(x[1], x[2]) {
		what := "filter"
		if l.Kind == KindMaxPool2D {
			what = "window"
		}
		return 0, 0, errors.Errorf("a %s of %dx%d does not fit into %dx%d pixels", what, w.Side, w.Side, x[1], x[2])
	}
	return (x[1]-w.Side)/w.Stride + 1, (x[2]-w.Side)/w.Stride + 1, nil
}
