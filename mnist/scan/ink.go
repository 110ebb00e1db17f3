package scan

import (
	"math"
	"slices"
)

// luma is the grey of red, green and blue (ITU-R 601).
func luma(rgb [3]plane) plane {
	g := newPlane(rgb[0].w, rgb[0].h)
	for i := range g.v {
		g.v[i] = 0.299*rgb[0].v[i] + 0.587*rgb[1].v[i] + 0.114*rgb[2].v[i]
	}
	return g
}

// isLight reports whether the ink is rather lighter than the paper: paper is what
// most of the picture, and of its rim, is.
func isLight(grey plane) bool {
	t := otsu(grey.v)
	k := max(1, min(grey.w, grey.h)/20)
	var light, rim, rimLight float64
	for y := range grey.h {
		for x := range grey.w {
			above := 0.
			if grey.v[y*grey.w+x] > t {
				above = 1
			}
			light += above
			for _, near := range []bool{y < k, y >= grey.h-k, x < k, x >= grey.w-k} {
				if near { // corners count twice
					rim++
					rimLight += above
				}
			}
		}
	}
	return light/float64(len(grey.v))+rimLight/rim < 1
}

// paperSize is the square that strokes are narrower than, as a part of the picture.
const paperSize = 0.24

// inkOf is how much of the paper's brightness is missing at each pixel, 0 or more:
// what casts a shadow on paper and ink alike cancels out. In a picture with colours
// the one counts that misses most. If the ink is light, everything is reversed.
func inkOf(rgb [3]plane, light bool) plane {
	channels := []plane{luma(rgb)}
	if hasColour(rgb) {
		channels = rgb[:]
	}
	n := channels[0].side()
	ink := newPlane(channels[0].w, channels[0].h)
	for _, c := range channels {
		if light {
			c = reversed(c)
		}
		s := smooth(c)
		size := max(3, int(float64(n)*paperSize)|1)
		paper := s.closed(size).blur(float64(n) / 100)
		for i, p := range paper.v {
			ink.v[i] = max(ink.v[i], (p-s.v[i])/max(p, 0.08))
		}
	}
	return ink
}

func hasColour(rgb [3]plane) bool {
	for i, r := range rgb[0].v {
		g, b := rgb[1].v[i], rgb[2].v[i]
		if max(r, g, b)-min(r, g, b) > 0.02 {
			return true
		}
	}
	return false
}

func reversed(p plane) plane {
	out := newPlane(p.w, p.h)
	for i, v := range p.v {
		out.v[i] = 1 - v
	}
	return out
}

// smooth is p with less noise; a small picture is left as it is.
func smooth(p plane) plane {
	if p.side() <= 60 {
		return p
	}
	return p.blur(max(0.7, float64(p.side())/400))
}

// sharpness is how much the logarithm of grey changes along the outline of a digit.
func sharpness(grey plane, digit mask) float64 {
	log := newPlane(grey.w, grey.h)
	for i, v := range grey.v {
		log.v[i] = float32(math.Log(float64(v) + 0.05))
	}
	return alongOutline(smooth(log), digit)
}

// alongOutline is how much p changes along the outline of a digit, by the half of the
// outline where it changes less.
func alongOutline(p plane, digit mask) float64 {
	slope := p.slope().greatest(3, 1)
	var values []float32
	for y := range p.h {
		for x := range p.w {
			if digit.at(x, y) && !(digit.at(x-1, y) && digit.at(x+1, y) && digit.at(x, y-1) && digit.at(x, y+1)) {
				values = append(values, slope.v[y*p.w+x])
			}
		}
	}
	slices.Sort(values)
	sum, half := 0., max(1, len(values)/2)
	for _, v := range values[:half] {
		sum += float64(v)
	}
	return sum / float64(half)
}
