package figure

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTextWidths compares the expected widths of all texts of boxes and edges in
// package draw's pictures with those in real fonts. With the widest font, a text
// takes at most half of the margins that a box adds to it.
func TestTextWidths(t *testing.T) {
	file, err := os.ReadFile(filepath.Join("..", "..", "testdata", "advances.json"))
	if err != nil {
		t.Fatal(err)
	}
	var fonts map[string]map[string]map[string]float64 // em by style, font and letter
	if err := json.Unmarshal(file, &fonts); err != nil {
		t.Fatal(err)
	}
	pictures, err := filepath.Glob(filepath.Join("..", "..", "testdata", "*.svg"))
	if err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`<(?:text|tspan)(?: class="([a-z -]*)")?[^>]*>([^<]*)<`)
	seen := map[string]bool{}
	for _, path := range pictures {
		picture, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range text.FindAllStringSubmatch(string(picture), -1) {
			class, s := m[1], m[2]
			style, size, expected := "bold", 13., boldWidth(s)
			switch {
			case strings.Contains(class, "heading"):
				continue // has a width of its own
			case class == "small":
				style, size, expected = "plain", 11, plainWidth(s)
			case strings.HasPrefix(class, "flow"):
				style, size, expected = "mono", 11, plainWidth(s)
			}
			if seen[style+s] {
				continue
			}
			seen[style+s] = true
			for font, em := range fonts[style] {
				width := 0.
				for _, r := range s {
					width += em[string(r)] * size // one that the font does not have counts as nothing
				}
				if width > expected+margins/2 {
					t.Errorf("%q in %s: takes %.1f px, expected %.1f", s, font, width, expected)
				}
			}
		}
	}
	if len(seen) < 50 {
		t.Errorf("found %d texts, want more", len(seen))
	}
}
