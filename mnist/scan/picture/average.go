package picture

// axis says which part of a picture each pixel of an image is, along rows or
// columns: the picture's pixel j is the range from j*unit to (j+1)*unit, the
// image's pixel i that from start+i*step to start+(i+1)*step. All are whole
// numbers, so that averages are exact.
type axis struct{ unit, start, step, n int } // n is the number of the image's pixels

// stretch has an image of n pixels that cover length pixels of the picture.
func stretch(length, n int) axis { return axis{n, 0, length, n} }

// contain has the largest image of the shape of a width x height picture that fits
// into w x h.
func contain(width, height, w, h int) (x, y axis) {
	if width*h > height*w {
		h = scale(height, w, width)
	} else {
		w = scale(width, h, height)
	}
	return stretch(width, w), stretch(height, h)
}

// scale is length*to/from, rounded, but at least 1.
func scale(length, to, from int) int { return max(1, (2*length*to+from)/(2*from)) }

// cover has an image of w x h pixels from the middle of a width x height picture.
func cover(width, height, w, h int) (x, y axis) {
	if width*h > height*w {
		return axis{2 * h, width*h - height*w, 2 * height, w}, stretch(height, h)
	}
	return stretch(width, w), axis{2 * w, height*w - width*h, 2 * width, h}
}

// part is the picture's pixels that a pixel of an image covers: first to last. It
// covers all units of those between, head of the first and tail of the last, which
// is 0 if they are one.
type part struct{ first, last, head, tail int }

func (a axis) part(i int) part {
	from := a.start + i*a.step
	to := from + a.step
	p := part{first: from / a.unit, last: (to - 1) / a.unit}
	if p.first == p.last {
		p.head = a.step
		return p
	}
	p.head = (p.first+1)*a.unit - from
	p.tail = to - p.last*a.unit
	return p
}

// weight is how many units of the picture's pixel j the part covers.
func (p part) weight(a axis, j int) int {
	switch j {
	case p.first:
		return p.head
	case p.last:
		return p.tail
	}
	return a.unit
}

// average returns an image of x.n columns and y.n rows with c channels. Each value
// is what mean makes of total/area: the mean of the area that a pixel covers, in
// which the picture's pixels have the weight of what is covered of them. Read reads
// a row of the picture: width pixels with c channels.
func average[In byte | uint16, Out any](read func(y int, row []In), width, c int, x, y axis, mean func(total, area uint64) Out) []Out {
	columns := make([]part, x.n)
	for i := range columns {
		columns[i] = x.part(i)
	}
	row := make([]In, width*c)
	sums := make([]uint64, x.n*c) // of the picture's row at
	at := -1
	total := make([]uint64, x.n*c)
	area := uint64(x.step) * uint64(y.step)
	var out []Out
	for i := range y.n {
		clear(total)
		p := y.part(i)
		for j := p.first; j <= p.last; j++ {
			if j != at { // two of the image's rows may share one of the picture's
				read(j, row)
				addColumns(sums, row, columns, c, x.unit)
				at = j
			}
			weight := uint64(p.weight(y, j))
			for k, s := range sums {
				total[k] += weight * s
			}
		}
		for _, t := range total {
			out = append(out, mean(t, area))
		}
	}
	return out
}

// rounded is total/area to the nearest, halves up.
func rounded(total, area uint64) byte { return byte((total + area/2) / area) }

// addColumns sets sums to the weighted sums of the parts of a row.
func addColumns[In byte | uint16](sums []uint64, row []In, columns []part, c, unit int) {
	for i, p := range columns {
		for k := range c {
			sum := 0
			for j := p.first + 1; j < p.last; j++ {
				sum += int(row[j*c+k])
			}
			sums[i*c+k] = uint64(p.head*int(row[p.first*c+k]) + sum*unit + p.tail*int(row[p.last*c+k]))
		}
	}
}
