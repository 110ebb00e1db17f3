package kernel

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// referenceMul returns a (rows, terms) times b (terms, cols).
func referenceMul(rows, terms, cols int, a, b []float32) []sum {
	c := make([]sum, rows*cols)
	for i := range c {
		for k := range terms {
			c[i].add(a[i/cols*terms+k], b[k*cols+i%cols])
		}
	}
	return c
}

func TestMulMatchesReference(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			number := func(name string, most int) int { return rapid.IntRange(1, most).Draw(t, name) }
			config := MulConfig{Rows: number("Rows", 60), Cols: number("Cols", 150), Terms: number("Terms", 60),
				TransposeA: rapid.Bool().Draw(t, "a"), TransposeB: rapid.Bool().Draw(t, "b")}
			if number("packed", 10) == 1 {
				config.Rows, config.Cols = config.Rows+32, 512
			}
			values := normal
			if rapid.Bool().Draw(t, "whole") {
				values = whole
			}
			r := random(rapid.Uint64().Draw(t, "seed"))
			a, b := values(r, config.Rows*config.Terms), values(r, config.Terms*config.Cols)
			want := referenceMul(config.Rows, config.Terms, config.Cols, a, b)
			if config.TransposeA { // as an image of one row of Rows pixels, with Terms channels
				a = channelsFirst(a, 1, config.Rows, config.Terms)
			}
			if config.TransposeB {
				b = channelsFirst(b, 1, config.Terms, config.Cols)
			}
			var whole []float32
			for _, parts := range []int{1, number("parts", 9)} {
				memory := arrays{t}
				c := memory.blank(len(want))
				for part := range parts {
					m, err := NewMul(config)
					if err != nil {
						t.Fatalf("%+v: %v", config, err)
					}
					before := append([]float32(nil), c...)
					m.Product(part, parts, memory.of(a), memory.of(b), c)
					for i, v := range before {
						if v != canary && c[i] != v {
							t.Fatalf("%+v: part %d of %d: value %d of another part was %v, is %v", config, part, parts, i, v, c[i])
						}
					}
				}
				what := fmt.Sprintf("%+v in %d parts", config, parts)
				near(t, what, c, want)
				if whole == nil {
					whole = c
				}
				same(t, what, c, whole)
			}
		})
	})
}
