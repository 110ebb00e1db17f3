package kernel

// A plane holds one image as the kernels read it: its channels last, with zeros around it. Values of images that are
// like this already are read and written where they are.
type plane struct {
	h, w, c int
	pad     Pair
	row     int       // values in a row of the plane, with its padding
	inner   int       // place of the image's first value
	values  []float32 // nil: images are planes already
	last    []float32 // the image with its channels last, without padding; nil: images have them last
}

// newPlane returns the plane of images (h, w, c), or (c, h, w) if they have the channels first.
func newPlane(h, w, c int, pad Pair, channelsFirst bool) plane {
	p := plane{h: h, w: w, c: c, pad: pad, row: (w + 2*pad.Cols) * c}
	p.inner = pad.Rows*p.row + pad.Cols*c
	turned := channelsFirst && c > 1 && h*w > 1
	if padded := pad != (Pair{}); padded || turned {
		p.values = Aligned((h + 2*pad.Rows) * p.row)
		if padded && turned {
			p.last = Aligned(h * w * c)
		} else if turned {
			p.last = p.values
		}
	}
	return p
}

// fill returns the plane of an image.
func (p *plane) fill(lv *level, image []float32) []float32 {
	if p.values == nil {
		return image
	}
	if p.last != nil {
		lv.transpose(p.c, p.h*p.w, image, p.h*p.w, p.last, p.c)
		image = p.last
	}
	if p.pad != (Pair{}) {
		for y := range p.h {
			copy(p.values[p.inner+y*p.row:], image[y*p.w*p.c:][:p.w*p.c])
		}
	}
	return p.values
}

// blank returns where to compute a plane that becomes the image: the image's own memory where that will do.
func (p *plane) blank(image []float32) []float32 {
	if p.values == nil {
		return image[:p.h*p.w*p.c]
	}
	return p.values
}

// flush sets the image to what was computed in the memory from blank.
func (p *plane) flush(lv *level, image []float32) {
	if p.values == nil {
		return
	}
	last := p.last
	if last == nil {
		last = image
	}
	if p.pad != (Pair{}) {
		for y := range p.h {
			copy(last[y*p.w*p.c:][:p.w*p.c], p.values[p.inner+y*p.row:])
		}
	}
	if p.last != nil {
		lv.transpose(p.h*p.w, p.c, last, p.c, image, p.h*p.w)
	}
}
