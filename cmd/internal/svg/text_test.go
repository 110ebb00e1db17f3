package svg

import "testing"

func TestShorten(t *testing.T) {
	for _, row := range []struct {
		text    string
		letters int
		want    string
	}{
		{"", 5, ""}, {"truck", 5, "truck"}, {"trucks", 5, "tru…s"}, {"traffic light, red", 10, "traffi…red"},
		{"été été été", 7, "été …té"}, {"手書き", 6, "手書き"}, {"手書き数字", 6, "手書…"}, {"手書き数字の画像", 12, "手書き数…像"},
	} {
		got := Shorten(row.text, row.letters)
		if got != row.want || lettersOf(got) > row.letters {
			t.Errorf("%q in %d letters: got %q, want %q", row.text, row.letters, got, row.want)
		}
	}
}
