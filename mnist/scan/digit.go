package scan

import (
	"image"
	"math"
	"slices"
)

// mask is a set of pixels of a picture.
type mask struct {
	w, h int
	in   []bool
}

// at reports whether the pixel is in the mask; outside the picture none is.
func (m mask) at(x, y int) bool { return x >= 0 && x < m.w && y >= 0 && y < m.h && m.in[y*m.w+x] }

// box is the smallest that holds the mask, and the number of its pixels.
func (m mask) box() (box image.Rectangle, count int) {
	for i, in := range m.in {
		if in {
			x, y := i%m.w, i/m.w
			box = box.Union(image.Rect(x, y, x+1, y+1))
			count++
		}
	}
	return box, count
}

// digit is what was found in a picture.
type digit struct {
	ink   plane // from 0 to 1; 0 where the digit is not
	shape mask
	level float32 // of its ink: 1 is black on white
	paper float32 // what is not ink has this level, and differs from it by noise
	noise float32
	score float64 // how plausible it is
}

// piece is pixels of ink that touch each other, diagonally too.
type piece struct {
	pixels []int
	box    image.Rectangle
	rim    bool // it touches the rim of the picture
	rule   bool // it is a line of ruled paper, from rim to rim
	score  float64
}

// pieces are those of the pixels of ink over a threshold.
func pieces(ink plane, threshold float32) []piece {
	var all []piece
	seen := make([]bool, len(ink.v))
	for start, v := range ink.v {
		if seen[start] || !(v > threshold) {
			continue
		}
		seen[start] = true
		p := piece{pixels: []int{start}}
		for i := 0; i < len(p.pixels); i++ {
			at := p.pixels[i]
			x, y := at%ink.w, at/ink.w
			p.box = p.box.Union(image.Rect(x, y, x+1, y+1))
			for ny := max(y-1, 0); ny <= min(y+1, ink.h-1); ny++ {
				for nx := max(x-1, 0); nx <= min(x+1, ink.w-1); nx++ {
					if n := ny*ink.w + nx; !seen[n] && ink.v[n] > threshold {
						seen[n] = true
						p.pixels = append(p.pixels, n)
					}
				}
			}
		}
		all = append(all, p)
	}
	return all
}

// rate sets the score of a piece: how much ink it has, more in the middle of the
// picture, less if it comes in from the rim, nothing if it is a frame around it or a
// line of ruled paper.
func (p *piece) rate(ink plane, alone bool) {
	sum := 0.
	for _, i := range p.pixels {
		sum += float64(ink.v[i])
	}
	sides := 0
	for _, touches := range []bool{p.box.Min.X == 0, p.box.Min.Y == 0, p.box.Max.X == ink.w, p.box.Max.Y == ink.h} {
		if touches {
			sides++
		}
	}
	p.rim = sides > 0
	size := p.box.Size()
	p.rule = (size.X == ink.w || sides >= 2) && size.Y < size.X/10
	w, h := float64(ink.w), float64(ink.h)
	long := float64(size.X) > 0.8*w || float64(size.Y) > 0.8*h
	thin := float64(len(p.pixels)) < 0.35*float64(size.X*size.Y)
	switch {
	case p.rule, sides >= 2 && long && thin && p.alongRim(ink):
		sum = 0
	case p.rim && !alone:
		sum *= 0.25
	}
	dx := float64(p.box.Min.X+p.box.Max.X)/2/w - 0.5
	dy := float64(p.box.Min.Y+p.box.Max.Y)/2/h - 0.5
	p.score = sum * (1.2 - math.Hypot(dx, dy))
}

// alongRim reports whether most of a piece is near the rim of the picture.
func (p *piece) alongRim(ink plane) bool {
	const near = 0.12
	n := 0
	for _, i := range p.pixels {
		x, y := i%ink.w, i/ink.w
		if float64(min(x, ink.w-1-x)) < near*float64(ink.w) || float64(min(y, ink.h-1-y)) < near*float64(ink.h) {
			n++
		}
	}
	return float64(n) > 0.6*float64(len(p.pixels))
}

// gap is how far a piece is from another, along rows or columns; 0 if their boxes
// meet.
func (p *piece) gap(o *piece) int {
	a, b := p.box, o.box
	return max(a.Min.X-b.Max.X, b.Min.X-a.Max.X, a.Min.Y-b.Max.Y, b.Min.Y-a.Max.Y, 0)
}

// digitIn finds the digit in ink: the best piece, and what is near it, not much
// smaller, and not larger if it comes in from the rim. Lines of ruled paper are
// fainter than ink, and under the threshold. If there is nothing else, ok is false.
func digitIn(ink plane) (d digit, ok bool) {
	sorted := slices.Clone(ink.v)
	top := quantile(sorted, 0.995)
	split := otsu(ink.v)
	first, _ := slices.BinarySearch(sorted, max(split, top/2))
	strong := sorted[first:]
	if len(strong) == 0 {
		return digit{}, false
	}
	level := strong[len(strong)/2]
	threshold := min(max(split, 0.42*level), 0.6*level)
	first, _ = slices.BinarySearch(sorted, threshold)
	all := pieces(ink, threshold)
	if first < len(sorted)/3 || first == 0 || len(all) == 0 { // hardly any paper, or no ink
		return digit{}, false
	}
	best := &all[0]
	for i := range all {
		all[i].rate(ink, len(all) == 1)
		if all[i].score > best.score {
			best = &all[i]
		}
	}
	if best.rule {
		return digit{}, false
	}
	d = digit{ink: newPlane(ink.w, ink.h), shape: mask{ink.w, ink.h, make([]bool, len(ink.v))}, level: level}
	reach := 0.35 * float64(max(best.box.Dx(), best.box.Dy()))
	for i := range all {
		p := &all[i]
		size := float64(len(p.pixels)) / float64(len(best.pixels))
		part := size >= 0.04 && float64(p.gap(best)) < reach && p.score > 0.02*best.score && !(p.rim && size > 1)
		if p != best && !part {
			continue
		}
		for _, at := range p.pixels {
			d.shape.in[at] = true
		}
	}
	faint := threshold / 2
	for i, v := range ink.v {
		if x, y := i%ink.w, i/ink.w; d.shape.near(x, y) {
			d.ink.v[i] = min(max((v-faint)/(level-faint), 0), 1)
		}
	}
	d.paper, d.noise = spread(sorted[:first])
	return d, true
}

// near reports whether the pixel or one beside it, diagonally too, is in the mask.
func (m mask) near(x, y int) bool {
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			if m.at(x+dx, y+dy) {
				return true
			}
		}
	}
	return false
}

// find finds the digit in a picture. Ink may be darker or lighter than paper: both
// are tried, and the more plausible digit is taken.
func find(rgb [3]plane) (digit, bool) {
	grey := luma(rgb)
	expected := isLight(grey)
	best, found := digit{}, false
	for _, light := range []bool{expected, !expected} {
		ink := inkOf(rgb, light)
		d, ok := digitIn(ink)
		if !ok || !d.standsOut(ink) {
			continue
		}
		d.score = sharpness(grey, d.shape)
		if light != expected {
			d.score *= 0.6
		}
		box, count := d.shape.box()
		if float64(count) > 0.65*float64(box.Dx()*box.Dy()) && float64(box.Dx()) > 0.45*float64(box.Dy()) {
			d.score *= 0.3 // a sheet of paper or a blot, no strokes
		}
		if d.score > best.score {
			best, found = d, true
		}
	}
	return best, found
}

// standsOut reports whether a digit is more than noise on the paper, light that
// changes slowly, or a speck. Pencil on grainy paper is 20 times the noise above the
// paper, noise alone at most 8 times. Out of focus, a digit's outline has a slope of
// 0.7 times its level, that of light less than half; of grey that is hardly darker
// than the paper it is 0.2, of light on paper with little noise at most 0.035.
func (d digit) standsOut(ink plane) bool {
	box, _ := d.shape.box()
	slope := alongOutline(ink, d.shape)
	return d.level-d.paper > 10*d.noise && slope > max(0.35*float64(d.level), 0.08) &&
		max(box.Dx(), box.Dy()) >= max(4, ink.side()/80)
}
