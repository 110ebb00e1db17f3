package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tapenet/cmd/internal/runs/training"
)

// pictures returns those of some runs, by parameter.
func pictures(t *testing.T, all ...training.Run) map[string]string {
	t.Helper()
	configs, pictures := collect(t, all...).configs(), map[string]string{}
	for _, p := range varied(configs) {
		pictures[p.name] = string(p.picture(configs))
	}
	return pictures
}

// ticks returns what is written on an axis.
func ticks(picture, axis string) (texts []string) {
	for _, m := range regexp.MustCompile(`"`+axis+`tick"><path [^>]*/><text [^>]*>([^<]*)<`).FindAllStringSubmatch(picture, -1) {
		texts = append(texts, m[1])
	}
	return texts
}

// TestPicture: two values are a quarter of the frame's 274 pixels from its sides, 62
// and 336. From 70.2 to 90.1 % lie in the middle 0.8 of its 220 above 336, below a
// title and a note.
func TestPicture(t *testing.T) {
	picture := pictures(t, grid()...)["batch"]
	for _, want := range []string{
		`<circle class="point" cx="130.5" cy="138" r="4"/>`, `cx="267.5" cy="225.56"`, `cx="267.5" cy="314"`,
		`<path class="mean" d="M130.5 138L267.5 269.78"/>`, // 75.2 % are 7.4875/24.875 of the height
		"Accuracy by batch", ">4 configurations, a point each, line: mean<", ">accuracy (%)<", ">batch<",
		"Mean accuracy: 200 90.10 %, 1024 75.20 %.",
	} {
		if !strings.Contains(picture, want) {
			t.Errorf("no %s in\n%s", want, picture)
		}
	}
	if got := ticks(picture, "x"); !slices.Equal(got, []string{"200", "1024"}) {
		t.Errorf("x has %q", got)
	}
	if got := ticks(picture, "y"); len(got) != 13 || got[0] != "68" || got[12] != "92" { // from 67.71 to 92.59
		t.Errorf("y has %q", got)
	}
}

// TestPictureOfMany: many numbers lie on a logarithmic axis, a tenth of their range
// inside its ends. Equal accuracies lie in the middle.
func TestPictureOfMany(t *testing.T) {
	var all []training.Run
	for i := range 10 {
		all = append(all, made("onelayer", 1<<i, 1, 500))
	}
	picture := pictures(t, all...)["batch"]
	for i := range 10 {
		if want := fmt.Sprintf(`cx="%.5g" cy="226"`, 62+274*(0.1+float64(i)/9)/1.2); !strings.Contains(picture, want) {
			t.Errorf("no %s in\n%s", want, picture)
		}
	}
	if got := ticks(picture, "x"); !slices.Equal(got, []string{"1", "512"}) {
		t.Errorf("x has %q", got)
	}
	if got := ticks(picture, "y"); !slices.Equal(got, strings.Fields("49.90 49.92 49.94 49.96 49.98 50.00 50.02 50.04 50.06 50.08 50.10")) {
		t.Errorf("y has %q", got)
	}
	if strings.Contains(picture, `class="mean"`) || !strings.Contains(picture, ">batch, log scale<") {
		t.Errorf("got\n%s", picture)
	}
}

// TestTicksHaveRoom: where not all values can be written, the first and the last are.
// Accuracies are written with as many digits as the step between them needs.
func TestTicksHaveRoom(t *testing.T) {
	var all []training.Run
	for i := range 5 {
		r := made("onelayer", 200, 1, 500+5*i)
		r.Settings.LR = 0.00123456 * float64(1+i)
		all = append(all, r)
	}
	picture := pictures(t, all...)["lr"]
	if got := ticks(picture, "x"); !slices.Equal(got, []string{"0.00123456", "0.0061728"}) {
		t.Errorf("x has %q", got)
	}
	if got := ticks(picture, "y"); !slices.Equal(got, []string{"50.0", "50.5", "51.0", "51.5", "52.0"}) {
		t.Errorf("y has %q", got)
	}
}

// TestPictureOfNone: without any accuracy there is nothing to divide by, and no more
// than all of the images is right.
func TestPictureOfNone(t *testing.T) {
	for _, right := range []int{-1, 0, 1000} {
		for _, picture := range pictures(t, made("onelayer", 1, 1, right), made("onelayer", 2, 1, right)) {
			if strings.Contains(picture, "NaN") || strings.Contains(picture, "Inf") {
				t.Errorf("%d right: got %s", right, picture)
			}
			if got := ticks(picture, "y"); right == 1000 && got[len(got)-1] != "100.00" {
				t.Errorf("y has %q", got)
			}
		}
	}
}
