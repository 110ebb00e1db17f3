package chart

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"tapenet/cmd/compare/internal/result"
	"tapenet/cmd/internal/svg"
	"tapenet/graph/draw/ink"
)

// The most classes of a confusion matrix that has large cells, and of one that has
// numbers in them.
const fewClasses, numberedClasses = 10, 26

// mostLabel is as wide as the name of a row or a column may be.
const mostLabel = 100

// labelRoom is how far above the columns what the axes mean is written.
const labelRoom = 98

// confusion is a picture of how often each class was taken for each.
type confusion struct {
	svg.Card
	Set
	runs                  int
	most                  float64 // mistakes of a run that have the darkest shade
	size                  Size
	times                 [][]int
	pairs                 []result.Pair
	labels                []string // of the rows and columns
	upright               bool     // the columns' are written upwards
	left, top             float64
	cellWidth, cellHeight float64
}

// MostConfused returns how often the most frequent mistake of any group occurs, in
// the mean over the group's runs: the end of the scale that their confusion
// matrices share. It is 0 if nothing is wrong.
func MostConfused(groups []result.Group, set Set) float64 {
	most := 0.0
	for _, g := range groups {
		if pairs := result.Pairs(result.Confusion(g.Runs, set.Labels, len(set.Names))); len(pairs) > 0 {
			most = max(most, float64(pairs[0].Times)/float64(len(g.Runs)))
		}
	}
	return most
}

// Confusion draws how often each class was taken for each: rows are what it is,
// columns what the network guessed. Numbers are test images, the mean over the
// group's runs, of which there is at least one. The diagonal, what was right, has
// no colour, so that mistakes show; most, which MostConfused returns, is the end of
// their scale. Of more than 26 classes the cells have no numbers, but the most
// frequent mistakes are written below.
func Confusion(g result.Group, set Set, most float64, size Size) []byte {
	m := &confusion{Set: set, runs: len(g.Runs), most: most, size: size, times: result.Confusion(g.Runs, set.Labels, len(set.Names))}
	m.pairs = result.Pairs(m.times)
	wrong := 0
	for _, p := range m.pairs {
		wrong += p.Times
	}
	desc := fmt.Sprintf("%s got %s of %d images wrong", name(g.Config), m.count(wrong), len(set.Labels))
	if len(m.pairs) > 0 {
		p := m.pairs[0]
		desc += fmt.Sprintf(", most often %s taken for %s, %s times", set.a(p.Truth), set.a(p.Guess), m.count(p.Times))
	}
	m.layout()
	const title = "Confusion matrix"
	note := fmt.Sprintf("%s: test images, %s", name(g.Config), meanOf(m.runs))
	n := float64(len(m.times))
	wide := max(m.left+n*m.cellWidth+svg.Margin, svg.NarrowWidth)
	var list []string
	cols, pitch := 0, 0.0
	if !m.numbered() {
		list, cols, pitch = m.worst()
		wide = max(wide, 2*svg.Margin+float64(cols)*pitch)
	}
	if size == Wide {
		wide = max(wide, math.Ceil(svg.Width(title+note, svg.Letter))+2*svg.Margin+20)
	}
	lines, room := svg.Heading(wide, title, note)
	m.top += room
	bottom := m.top + n*m.cellHeight + 12
	high := bottom + legendHeight
	if cols > 0 {
		high += 6 + float64((len(list)+cols-1)/cols)*worstHeight
	}
	m.Begin(wide, high, title, lines, desc+".", rampCSS+svg.Themed(svg.Fill(".right", ink.Card)))
	m.axes(room)
	if m.numbered() {
		m.numbers()
	} else {
		m.shades()
	}
	m.legend(svg.Margin, bottom)
	rows := (len(list) + max(cols, 1) - 1) / max(cols, 1)
	for i, line := range list {
		x, y := svg.Margin+float64(i/rows)*pitch, bottom+legendHeight+float64(i%rows)*worstHeight
		m.Addf(`<rect class="%s" x="%.5g" y="%.5g" width="12" height="12"/>`+"\n", m.shade(m.pairs[i].Times), x, y-4)
		m.Text(x+20, y+6, "small", line)
	}
	return m.End()
}

// legendHeight is the room of the legend and of the margin below it.
const legendHeight = 52

// legend draws the scale of the mistakes: the shades from none to the most.
func (m *confusion) legend(x, y float64) {
	const step, height = 12, 12
	m.Addf(`<g class="scale" shape-rendering="crispEdges">` + "\n")
	for i := range m.darkest() + 1 {
		m.Addf(`<rect class="%s" x="%.5g" y="%.5g" width="%d" height="%d"/>`, ramp(float64(i)/levels), x+float64(i*step), y, step, height)
	}
	m.Addf("</g>\n")
	m.Text(x, y+height+16, "small muted", fmt.Sprintf("mistakes a run, 0 to %.4g, one scale for all", m.most))
}

func (m *confusion) numbered() bool { return len(m.times) <= numberedClasses }

// darkest is the level of the ramp for the most frequent mistake. A number on it
// is still legible.
func (m *confusion) darkest() int {
	if m.numbered() {
		return 7
	}
	return levels
}

// small reports whether cells have little room, for two digits and no more.
func (m *confusion) small() bool { return len(m.times) > fewClasses || m.size == Narrow }

// layout decides where the cells are, how large they are, and what is beside them.
func (m *confusion) layout() {
	m.cellWidth, m.cellHeight = 52, 34
	if n := len(m.times); n > numberedClasses {
		side := max(2, min(800/n, 14)) // whole pixels
		m.cellWidth, m.cellHeight = float64(side), float64(side)
	} else {
		if m.small() {
			m.cellWidth, m.cellHeight = 30, 24
		}
		for t, row := range m.times {
			for c := range row {
				m.cellWidth = max(m.cellWidth, math.Ceil(svg.Width(m.cell(t, c), svg.SmallLetter))+m.gap())
			}
		}
	}
	var widest float64
	m.labels, widest = svg.Fit(m.Names, mostLabel, svg.SmallLetter)
	m.left, m.top = math.Ceil(svg.Margin+widest+14), labelRoom
	half := widest / 2 // of what is above a column
	if m.upright = widest > m.cellWidth; m.upright {
		half, m.top = 8, math.Ceil(labelRoom-12+widest)
	}
	const nameEnds = 114 // what is above the rows' labels
	if m.size == Wide || m.upright {
		m.left = max(m.left, math.Ceil(nameEnds-m.cellWidth/2+half))
	} else {
		m.top += 18 // the name has a line of its own
	}
}

// gap is the least space beside the number of a cell, on both sides together.
func (m *confusion) gap() float64 {
	if m.size == Narrow {
		return 6
	}
	return 8
}

// axes writes what the rows and columns are; room is that of the heading.
func (m *confusion) axes(room float64) {
	what := "class"
	if m.Digits {
		what = "digit"
	}
	n := len(m.times)
	m.Text(m.left+float64(n)*m.cellWidth/2, labelRoom+room-32, "small muted mid xname", "guess ("+what+")")
	nameAt := m.top - 10
	if m.size == Narrow && !m.upright {
		nameAt -= 18
	}
	m.Text(svg.Margin, nameAt, "small muted yname", "truth ("+what+")")
	step := 1 // from a label to the next that has room
	for _, s := range []int{2, 5, 10} {
		if float64(step)*m.cellHeight < 12 {
			step = s
		}
	}
	for d := 0; d < n; d += step {
		x := m.left + (float64(d)+.5)*m.cellWidth
		if m.upright {
			m.Addf(`<text transform="translate(%.5g %.5g)rotate(-90)" class="small">%s</text>`+"\n", x+4, m.top-10, ink.Escape(m.labels[d]))
		} else {
			m.Text(x, m.top-10, "small mid", m.labels[d])
		}
		m.Text(m.left-14, m.top+(float64(d)+.5)*m.cellHeight+4, "small end", m.labels[d])
	}
}

// numbers draws a cell with a number for each pair of classes.
func (m *confusion) numbers() {
	for t, row := range m.times {
		for c, n := range row {
			x, y := m.left+float64(c)*m.cellWidth, m.top+float64(t)*m.cellHeight
			class := "small mid muted"
			if t != c {
				class = "small mid"
				m.Addf(`<rect class="%s" x="%.5g" y="%.5g" width="%v" height="%v" rx="3"/>`+"\n",
					m.shade(n), x+1, y+1, m.cellWidth-2, m.cellHeight-2)
			}
			if n > 0 {
				m.Text(x+m.cellWidth/2, y+m.cellHeight/2+4, class, m.cell(t, c))
			}
		}
	}
}

// shades draws the cells of all mistakes without numbers, one path for each shade.
func (m *confusion) shades() {
	n := len(m.times)
	var right strings.Builder
	for d := range n {
		fmt.Fprintf(&right, "M%d %[1]dh1v1h-1z", d)
	}
	m.Addf(`<g class="cells" shape-rendering="crispEdges" transform="translate(%.5g %.5g)scale(%.5g)">`+"\n", m.left, m.top, m.cellWidth)
	m.Addf(`<path class="zero" d="M0 0h%dv%[1]dh-%[1]dz"/><path class="right" d="%s"/>`+"\n", n, right.String())
	paths := map[string]*strings.Builder{}
	for _, p := range m.pairs {
		class := m.shade(p.Times)
		if paths[class] == nil {
			paths[class] = new(strings.Builder)
		}
		fmt.Fprintf(paths[class], "M%d %dh1v1h-1z", p.Guess, p.Truth)
	}
	for level := 1; level <= levels; level++ {
		if class := ramp(float64(level) / levels); paths[class] != nil {
			m.Addf(`<path class="%s" d="%s"/>`+"\n", class, paths[class].String())
		}
	}
	m.Addf("</g>\n")
}

// The list of the most frequent mistakes has this many columns at most, in a wide
// picture, and this many lines.
const worstCols, worstLines, worstHeight = 3, 15, 22

// worst returns the lines of the list, its columns, and how far apart they are.
func (m *confusion) worst() (list []string, cols int, pitch float64) {
	for _, p := range m.pairs[:min(len(m.pairs), worstLines)] {
		line := fmt.Sprintf("%s × %s → %s", m.count(p.Times), m.labels[p.Truth], m.labels[p.Guess])
		list = append(list, line)
		pitch = max(pitch, math.Ceil(svg.Width(line, svg.SmallLetter))+44)
	}
	cols = worstCols
	if m.size == Narrow {
		cols = 1
	}
	return list, cols, pitch
}

// shade returns the class of a cell with n mistakes in all runs. A single mistake
// shows.
func (m *confusion) shade(n int) string {
	if n == 0 {
		return ramp(0)
	}
	part := float64(n) / float64(m.runs) / m.most
	return ramp(max(part*float64(m.darkest()), 1) / levels)
}

// cell is the number of a cell. Where cells are small it has two digits at least,
// and no more behind the point.
func (m *confusion) cell(truth, guess int) string {
	n := m.times[truth][guess]
	if m.small() && n >= 10*m.runs {
		return strconv.Itoa((n + m.runs/2) / m.runs)
	}
	return m.count(n)
}

// count writes n images of several runs as the mean of a run: 12.0; of one run
// it writes 12.
func (m *confusion) count(n int) string {
	if m.runs == 1 {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%.1f", float64(n)/float64(m.runs))
}
