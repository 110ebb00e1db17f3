package chart

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/svg"
	"tapenet/graph"
	"tapenet/graph/draw/ink"
)

// Row is a line of a picture of filters: what the first convolution of one
// network has.
type Row struct {
	Name, Note string
	result.Filters
}

// Filters draws the kernels of the first convolution of some networks, the same
// filter of each below each other, and all on one scale: as far as the greatest
// weight of any, to either side. Of colour images the channels are below each
// other: red, green, blue. There is at least one row, and each has kernels.
func Filters(rows []Row, note string, size Size) []byte {
	var weights []float32
	channels := 1
	for _, r := range rows {
		weights = slices.Concat(append([][]float32{weights}, r.Kernels...)...)
		channels = max(channels, len(r.Kernels[0])/(r.Side*r.Side))
	}
	least, most := float64(slices.Min(weights)), float64(slices.Max(weights))
	scale := max(math.Abs(least), math.Abs(most))
	s := newSheet(rows, size, channels)
	s.start("Filters of the first convolution", note, fmt.Sprintf("Weights from %s to %s, in rows: %s.", signed(least), signed(most), names(rows)), rampCSS)
	s.each(func(row, filter int, x, y float64) {
		r := rows[row]
		for c, weights := range slices.Collect(slices.Chunk(r.Kernels[filter], r.Side*r.Side)) {
			s.weights(weights, r.Side, scale, x, y+float64(c*(tileSize+tileGap)))
		}
	})
	s.scale(scale, svg.Margin+20, s.bottom)
	return s.End()
}

// Activations draws what the first convolution of some networks makes of a test
// image, after its bias and Rectify, on one scale: paper is 0, ink the greatest of
// any. Each row has a bias for each kernel.
func Activations(rows []Row, set Set, image int, note string, size Size) []byte {
	pixels := set.Images[image*set.Shape.Size():][:set.Shape.Size()]
	maps := make([][][]float64, len(rows))
	most := 0.0
	for i, r := range rows {
		for f := range r.Kernels {
			m := activation(r.Filters, f, pixels, set.Shape)
			maps[i] = append(maps[i], m)
			most = max(most, slices.Max(m))
		}
	}
	s := newSheet(rows, size, 1)
	s.start("What they make of a test image", note, fmt.Sprintf("Image %d, %s, after the first convolution; the greatest value is %.3f. Rows: %s.", image, set.a(int(set.Labels[image])), most, names(rows)), inkCSS()+".tapenet-chart .photo{image-rendering:pixelated}\n")
	s.each(func(row, filter int, x, y float64) {
		side := rows[row].Side
		high, wide := set.Shape[1]-side+1, set.Shape[2]-side+1
		grey := make([]uint8, high*wide)
		for i, v := range maps[row][filter] {
			if most > 0 {
				grey[i] = uint8(math.Round(255 * v / most))
			}
		}
		grow := tileSize / float64(max(high, wide))
		s.Addf(`<rect class="zero" x="%.5g" y="%.5g" width="%.5g" height="%.5g"/>`, x, y, grow*float64(wide), grow*float64(high))
		s.Addf(`<g class="pixels" transform="translate(%.5g %.5g)scale(%.5g)translate(0 .5)">`, x, y, grow)
		drawInk(&s.Card, grey, wide)
		s.Addf("</g>\n")
	})
	t := set.tile()
	t.draw(&s.Card, image, svg.Margin, int(s.bottom))
	s.Text(svg.Margin+float64(t.width)+16, s.bottom+20, "small", fmt.Sprintf("test image %d: %s", image, set.a(int(set.Labels[image]))))
	s.Text(svg.Margin+float64(t.width)+16, s.bottom+38, "small muted", fmt.Sprintf("ink: 0 to %.3f, one scale", most))
	return s.End()
}

// names lists the rows for a description.
func names(rows []Row) string {
	var list []string
	for _, r := range rows {
		list = append(list, strings.TrimSpace(r.Name+" "+r.Note))
	}
	return strings.Join(list, "; ")
}

// activation returns the result (H-K+1, W-K+1) of one filter with its bias and
// Rectify on an image (C, H, W) of pixels that are 0 to 1 for the network.
func activation(f result.Filters, filter int, pixels []uint8, shape graph.Shape) []float64 {
	height, width := shape[1], shape[2]
	var y []float64
	for row := range height - f.Side + 1 {
		for col := range width - f.Side + 1 {
			sum := float64(f.Biases[filter])
			for i, w := range f.Kernels[filter] {
				c, dy, dx := i/(f.Side*f.Side), i/f.Side%f.Side, i%f.Side
				sum += float64(w) * float64(pixels[(c*height+row+dy)*width+col+dx]) / 255
			}
			y = append(y, max(0, sum))
		}
	}
	return y
}

// The size of a filter in a sheet, and the space beside it.
const tileSize, tileGap = 40, 4

// sheet is a picture with rows of small squares: a column a filter.
type sheet struct {
	svg.Card
	rows            []Row
	size            Size
	cols            int // filters of a line
	channels        int
	left, top       float64
	bottom, lineTop float64 // where what follows the rows begins; from a line to the next
}

func newSheet(rows []Row, size Size, channels int) *sheet {
	s := &sheet{rows: rows, size: size, cols: 16, channels: channels, top: 72}
	s.lineTop = float64(channels*(tileSize+tileGap)) + 4
	if size == Narrow {
		s.cols = 7
	}
	s.left = svg.Margin
	for _, r := range rows {
		if size == Wide {
			s.left = max(s.left, svg.Margin+math.Ceil(max(svg.Width(r.Name, svg.SmallLetter), svg.Width(r.Note, svg.SmallLetter)))+14)
		}
	}
	return s
}

// lines is how many lines a row takes.
func (s *sheet) lines(r Row) int { return (len(r.Kernels) + s.cols - 1) / s.cols }

// start starts the picture, with room for a legend below.
func (s *sheet) start(title, note, desc, css string) {
	cardWidth := s.left + float64(s.cols)*(tileSize+tileGap) + svg.Margin
	lines, room := svg.Heading(cardWidth, title, note)
	s.top += room
	s.bottom = s.top
	for _, r := range s.rows {
		s.bottom += s.rowHeight(r)
	}
	s.Begin(cardWidth, s.bottom+92, title, lines, desc, css)
}

// rowHeight is the height of a row; in a narrow picture its name is above it.
func (s *sheet) rowHeight(r Row) float64 {
	h := float64(s.lines(r))*s.lineTop + 8
	if s.size == Narrow {
		h += 18
	}
	return h
}

// each draws the names of the rows and the numbers of the filters, and calls draw
// for each filter with its place.
func (s *sheet) each(draw func(row, filter int, x, y float64)) {
	y := s.top
	for row, r := range s.rows {
		if s.size == Narrow {
			s.Addf(`<text x="%d" y="%.5g" class="small">%s<tspan class="muted" dx="8">%s</tspan></text>`+"\n", svg.Margin, y+4, ink.Escape(r.Name), ink.Escape(r.Note))
			y += 18
		} else {
			s.Text(svg.Margin, y+tileSize/2-4, "small", r.Name)
			s.Text(svg.Margin, y+tileSize/2+12, "small muted", r.Note)
		}
		for f := range r.Kernels {
			x := s.left + float64(f%s.cols)*(tileSize+tileGap)
			draw(row, f, x, y+float64(f/s.cols)*s.lineTop)
		}
		y += float64(s.lines(r))*s.lineTop + 8
	}
	if s.size == Wide {
		for i := range min(s.cols, len(s.rows[0].Kernels)) {
			s.Text(s.left+float64(i)*(tileSize+tileGap)+tileSize/2, s.top-8, "small muted mid", strconv.Itoa(i+1))
		}
	}
}

// weights draws a channel of a kernel.
func (s *sheet) weights(kernel []float32, side int, scale, x, y float64) {
	s.Addf(`<g class="filter" shape-rendering="crispEdges" transform="translate(%.5g %.5g)scale(%.5g)">`, x, y, tileSize/float64(side))
	for i, v := range kernel {
		t := 0.0
		if scale > 0 {
			t = float64(v) / scale
		}
		s.Addf(`<path class="%s" d="M%d %dh1v1h-1z"/>`, ramp(t), i%side, i/side)
	}
	s.Addf("</g>\n")
}

// scale draws the ramp with the numbers of its ends.
func (s *sheet) scale(most, x, y float64) {
	const step, height = 8, 12
	s.Addf(`<g class="scale" shape-rendering="crispEdges">` + "\n")
	for i := -levels; i <= levels; i++ {
		s.Addf(`<rect class="%s" x="%.5g" y="%.5g" width="%d" height="%d"/>`, ramp(float64(i)/levels), x+float64(i+levels)*step, y, step, height)
	}
	s.Addf("</g>\n")
	for _, end := range []float64{-1, 0, 1} {
		s.Text(x+(levels*(end+1)+.5)*step, y+height+16, "small muted mid", signed(end*most))
	}
	s.Text(x, y+height+36, "small muted", "weight (no unit), one scale for all")
}

// signed writes a weight with its sign, a real minus; zero has none.
func signed(v float64) string {
	if v == 0 {
		return "0"
	}
	return strings.Replace(fmt.Sprintf("%+.3f", v), "-", "−", 1)
}
