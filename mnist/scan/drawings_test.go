package scan

import (
	"encoding/json"
	"os"
	"testing"

	"tapenet/models"
	"tapenet/models/pretrained"
)

// drawing is a digit of testdata/strokes.json: curves and lines through points that
// were placed one by one, before any network read them; none was moved after.
type drawing struct {
	Digit   int
	Way     string
	Strokes [][]float64 // x, y, x, y, … of the page
}

// ways are how the digits are drawn: narrow; wide; as slowly, with many points; as
// fast, with few; as with a pointer that jitters, small and off the middle; as with
// arrow keys, in steps along the axes of a twentieth of the page.
var ways = []string{"thin", "wide", "slow", "fast", "pointer", "keyboard"}

func drawings(t *testing.T) (all []drawing) {
	t.Helper()
	file, err := os.ReadFile("testdata/strokes.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(file, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func (d drawing) lines() (lines [][]Point) {
	for _, s := range d.Strokes {
		var line []Point
		for i := 0; i < len(s); i += 2 {
			line = append(line, Point{s[i], s[i+1]})
		}
		lines = append(lines, line)
	}
	return lines
}

// TestDrawings: there is one drawing of each digit in each way, and each network
// reads as many of them as package pretrained says.
func TestDrawings(t *testing.T) {
	all := drawings(t)
	type kind struct {
		digit int
		way   string
	}
	seen := map[kind]int{}
	for _, d := range all {
		seen[kind{d.Digit, d.Way}]++
	}
	for _, way := range ways {
		for digit := range 10 {
			if n := seen[kind{digit, way}]; n != 1 {
				t.Errorf("%d, %s: got %d drawings, want 1", digit, way, n)
			}
		}
	}
	nets := networks(t)
	for k, name := range models.Names() {
		right := map[string]int{}
		sum := 0
		for _, d := range all {
			img, _, err := Strokes(d.lines())
			if err != nil {
				t.Fatal(err)
			}
			c, err := nets[k].Classes(img)
			if err != nil {
				t.Fatal(err)
			}
			if c[0] == d.Digit {
				right[d.Way]++
				sum++
			} else {
				t.Logf("%s reads the %d, %s, as %d", name, d.Digit, d.Way, c[0])
			}
		}
		t.Logf("%s: %v", name, right)
		if want, of := pretrained.Drawn(name); sum != want || len(all) != of {
			t.Errorf("%s reads %d of %d drawings, package pretrained says %d of %d", name, sum, len(all), want, of)
		}
	}
}
