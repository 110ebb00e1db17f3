package scan

import (
	"math"
	"slices"
)

// plane is a picture of one value a pixel (h, w).
type plane struct {
	w, h int
	v    []float32
}

func newPlane(w, h int) plane { return plane{w, h, make([]float32, w*h)} }

func (p plane) side() int { return max(p.w, p.h) }

// separable applies filter, which reads a row and writes it anew, to all rows, then
// to all columns.
func (p plane) separable(filter func(in, out []float32)) plane {
	for range 2 {
		rows, turned := make([]float32, p.w), newPlane(p.h, p.w)
		for y := range p.h {
			filter(p.v[y*p.w:][:p.w], rows)
			for x, v := range rows {
				turned.v[x*p.h+y] = v
			}
		}
		p = turned
	}
	return p
}

// blur is p under a Gaussian of a standard deviation. Beyond the rim p goes on as at
// the rim.
func (p plane) blur(sigma float64) plane {
	r := int(4*sigma + 0.5)
	weights := make([]float32, 2*r+1)
	sum := 0.
	for i := range weights {
		sum += math.Exp(-float64((i-r)*(i-r)) / (2 * sigma * sigma))
	}
	for i := range weights {
		weights[i] = float32(math.Exp(-float64((i-r)*(i-r))/(2*sigma*sigma)) / sum)
	}
	long := make([]float32, p.side()+2*r)
	return p.separable(func(in, out []float32) {
		n := len(in)
		copy(long[r:], in)
		for i := range r {
			long[i], long[r+n+i] = in[0], in[n-1]
		}
		for i := range out {
			var s float32
			for j, v := range long[i:][:len(weights)] {
				s += weights[j] * v
			}
			out[i] = s
		}
	})
}

// closed is p without what is dark and narrower than size: the least of the greatest
// values in squares of that size.
func (p plane) closed(size int) plane {
	return p.greatest(size, 1).greatest(size, -1)
}

// greatest is the greatest value in the square of a size, odd, around each pixel, or
// with sign -1 the least.
func (p plane) greatest(size int, sign float32) plane {
	queue := make([]int, p.side()) // places of values that fall, the first of them in the square
	return p.separable(func(in, out []float32) {
		head, tail, next := 0, 0, 0
		for i := range out {
			for ; next < len(in) && next <= i+size/2; next++ {
				for tail > head && sign*in[queue[tail-1]] <= sign*in[next] {
					tail--
				}
				queue[tail] = next
				tail++
			}
			if queue[head] < i-size/2 {
				head++
			}
			out[i] = in[queue[head]]
		}
	})
}

// slope is how much p changes at each pixel: the length of Sobel's gradient.
func (p plane) slope() plane {
	at := func(x, y int) float64 {
		return float64(p.v[min(max(y, 0), p.h-1)*p.w+min(max(x, 0), p.w-1)])
	}
	out := newPlane(p.w, p.h)
	for y := range p.h {
		for x := range p.w {
			dx, dy := 0., 0.
			for i, weight := range []float64{1, 2, 1} {
				dx += weight * (at(x+1, y+i-1) - at(x-1, y+i-1))
				dy += weight * (at(x+i-1, y+1) - at(x+i-1, y-1))
			}
			out.v[y*p.w+x] = float32(math.Hypot(dx, dy))
		}
	}
	return out
}

// quantile is the value that a part of all values is below. It sorts values.
func quantile(values []float32, part float64) float32 {
	slices.Sort(values)
	return values[int(part*float64(len(values)-1))]
}

// spread is the median of values and a measure of how far from it most are: 1.48 times the
// median of their distances from their median, the standard deviation if they are
// Gaussian.
func spread(values []float32) (middle, deviation float32) {
	middle = quantile(values, 0.5)
	for i, v := range values {
		values[i] = float32(math.Abs(float64(v - middle)))
	}
	return middle, 1.48 * quantile(values, 0.5)
}

// otsu is the threshold that parts values in two groups as far from each other as
// can be (Otsu 1979), or the only value that there is.
func otsu(values []float32) float32 {
	const bins = 256
	least, most := slices.Min(values), slices.Max(values)
	if !(most > least) {
		return least
	}
	width := float64(most-least) / bins
	var count [bins]float64
	for _, v := range values {
		count[min(int(float64(v-least)/width), bins-1)]++
	}
	middle := func(i int) float64 { return float64(least) + (float64(i)+0.5)*width }
	all, mean := float64(len(values)), 0.
	for i, n := range count {
		mean += n / all * middle(i)
	}
	var best, sum, ties float64
	part, below := 0., 0. // of the values up to bin i, and their mean times that
	for i, n := range count {
		part += n / all
		below += n / all * middle(i)
		if part <= 0 || part >= 1 {
			continue
		}
		d := mean*part - below
		switch score := d * d / (part * (1 - part)); {
		case score > best*(1+1e-12):
			best, sum, ties = score, float64(i), 1
		case score >= best*(1-1e-12): // none has values between
			sum, ties = sum+float64(i), ties+1
		}
	}
	if ties == 0 {
		return least
	}
	return float32(middle(int(sum / ties)))
}
