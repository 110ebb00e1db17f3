// Package strokes reads the lines of a pen as requests have them.
package strokes

import (
	"tapenet/cmd/serve/internal/answer"
	"tapenet/mnist/scan"
)

// The bounds of a drawing.
const (
	Most       = 64   // lines
	mostPoints = 4000 // of all lines
)

// Points returns the lines, each given as x, y, x, y, … in parts of the page, as
// scan.Strokes takes them. The errors are of type *answer.Error.
func Points(strokes [][]float64) ([][]scan.Point, error) {
	if len(strokes) > Most {
		return nil, answer.Wrong("strokes", "got %d strokes, want at most %d", len(strokes), Most)
	}
	points := 0
	lines := make([][]scan.Point, len(strokes))
	for i, stroke := range strokes {
		if len(stroke)%2 != 0 {
			return nil, answer.Wrong("strokes", "stroke %d: got %d numbers, want x and y of each point", i+1, len(stroke))
		}
		if points += len(stroke) / 2; points > mostPoints {
			return nil, answer.Wrong("strokes", "got over %d points, want at most that", mostPoints)
		}
		for j := 0; j < len(stroke); j += 2 {
			lines[i] = append(lines[i], scan.Point{X: stroke[j], Y: stroke[j+1]})
		}
	}
	return lines, nil
}
