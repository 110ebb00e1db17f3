package graph

import "math"

// Score is how well a network did on some images.
type Score struct {
	Loss    float64 // sum of the categorical cross-entropies, in nats
	Correct int     // images whose most probable class is theirs
}

// Add sums two scores.
func (s Score) Add(t Score) Score {
	return Score{s.Loss + t.Loss, s.Correct + t.Correct}
}

// Finite is whether the loss is a number and not infinite.
func (s Score) Finite() bool { return !math.IsNaN(s.Loss) && !math.IsInf(s.Loss, 0) }

// score is the score of logProbs (N, M) for the one-hot classes y (N, M). Rows
// of y that are all zero are left out. Of equal probabilities the first wins,
// as argmax does.
func score(logProbs, y []float32, classes int) (s Score) {
	for i := 0; i < len(y); i += classes {
		class := argmax(y[i : i+classes])
		if y[i+class] == 0 {
			continue
		}
		row := logProbs[i : i+classes]
		s.Loss -= float64(row[class])
		if argmax(row) == class {
			s.Correct++
		}
	}
	return s
}

// argmax is the index of the first largest value.
func argmax(row []float32) int {
	best := 0
	for i, v := range row {
		if v > row[best] {
			best = i
		}
	}
	return best
}
