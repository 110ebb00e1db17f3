package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	stdhtml "html"
	"io"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"tapenet/cmd/compare/internal/result"
)

// whole is a report of runs that have all that pictures show, on a machine whose
// name each format must escape.
func whole(t *testing.T) *Report {
	t.Helper()
	b := notebook(t, map[int][]float64{1: {99.99, 99.98}, 2: {99.98, 99.99}, 3: {99.98, 99.98}, 4: {99.99, 99.99}})
	for i := range b.Runs {
		r := &b.Runs[i]
		r.Machine.Processor = `<b>&"A|B*_</b>`
		for e := range r.Epochs {
			m := result.Metrics{Accuracy: 0.9 + float64(e)/1000, Loss: 0.3 - float64(e)/1000}
			r.Epochs[e].Train, r.Epochs[e].Val = m, m
		}
		r.Mistakes = wrongs([2]int{4, 9}, [2]int{7, 2})[:int(math.Round((1-r.Test.Accuracy)*images))]
		for i := range r.Mistakes {
			r.Mistakes[i].PGuess, r.Mistakes[i].PTruth = 0.7, 0.2
		}
		r.Filters = result.Filters{Side: 5, Kernels: [][]float32{make([]float32, 25), slices.Repeat([]float32{0.5}, 25)}, Biases: []float32{0, 1}}
	}
	r, err := Build(b.Comparison)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func render(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestSameContent: both forms have every sentence, cell and picture, in order.
func TestSameContent(t *testing.T) {
	r := whole(t)
	texts := append([]string{r.Title}, r.Lead...)
	add := func(tab Table) {
		texts = append(texts, tab.Caption)
		for _, c := range tab.Columns {
			texts = append(texts, c.Name)
		}
		for _, row := range tab.Rows {
			if len(row) != len(tab.Columns) {
				t.Errorf("row %q has %d cells, want %d", row, len(row), len(tab.Columns))
			}
			texts = append(texts, row...)
		}
	}
	add(r.Summary)
	for _, s := range r.Sections {
		texts = append(append(texts, s.Title), s.Claims...)
		for _, tab := range s.Tables {
			add(tab)
		}
		for _, f := range s.Figures {
			texts = append(texts, f.Caption)
			if len(f.SVG) == 0 {
				t.Errorf("%s is empty", f.Name)
			}
		}
		texts = append(texts, s.Notes...)
	}
	page := render(t, r.HTML)
	page = page[strings.Index(page, "<body"):]
	page = regexp.MustCompile(`(?s)<nav.*?</nav>`).ReplaceAllString(page, "")
	for name, got := range map[string]string{
		"HTML":     strings.ReplaceAll(stdhtml.UnescapeString(page), "\u00a0", " "),
		"Markdown": regexp.MustCompile(`\\(.)`).ReplaceAllString(stdhtml.UnescapeString(render(t, r.Markdown)), "$1"),
	} {
		for _, text := range texts {
			_, rest, found := strings.Cut(got, text)
			if !found {
				t.Fatalf("%s: no %q after what comes before it", name, text)
			}
			got = rest
		}
	}
}

// TestPage: the page is well formed, has no id twice, and loads nothing.
func TestPage(t *testing.T) {
	r := whole(t)
	page := render(t, r.HTML)
	if i := regexp.MustCompile(`(?i)https?:|//|@import|url\(|<script|<link|<img [^>]*src="[^d]|<iframe|\son\w+=`).FindStringIndex(
		strings.ReplaceAll(page, `xmlns="http://www.w3.org/2000/svg"`, "")); i != nil {
		t.Errorf("the page may load something: …%s…", page[max(0, i[0]-40):min(len(page), i[1]+40)])
	}
	if strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "<b>") {
		t.Error("something is not escaped, or too much")
	}
	for _, s := range r.Sections {
		for _, f := range s.Figures {
			if !strings.Contains(page, string(f.SVG)) && (f.Narrow != nil || !strings.Contains(stdhtml.UnescapeString(page), string(f.Data()))) {
				t.Errorf("the page does not have %s as it is in its file", f.Name)
			}
		}
	}
	ids := map[string]bool{}
	var links []string
	var open []string
	dec := xml.NewDecoder(strings.NewReader(page))
	dec.Strict, dec.Entity = false, xml.HTMLEntity
	for {
		token, err := dec.RawToken()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		switch e := token.(type) {
		case xml.StartElement:
			if e.Name.Local != "meta" && e.Name.Local != "img" { // which have no end
				open = append(open, e.Name.Local)
			}
			for _, a := range e.Attr {
				if a.Name.Local == "id" && ids[a.Value] {
					t.Errorf("id %s is there twice", a.Value)
				}
				switch a.Name.Local {
				case "id":
					ids[a.Value] = true
				case "href":
					links = append(links, strings.TrimPrefix(a.Value, "#"))
				}
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != e.Name.Local {
				t.Fatalf("</%s> ends %v", e.Name.Local, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		t.Errorf("%v are not ended", open)
	}
	for _, link := range links {
		if !ids[link] {
			t.Errorf("a link leads to %s, which is not there", link)
		}
	}
}

// TestEscapeMarkdown: what would be read as Markdown or HTML is escaped; a < of
// numbers is left as it is.
func TestEscapeMarkdown(t *testing.T) {
	for text, want := range map[string]string{
		"p < 0.01":        "p < 0.01",
		"<b> </b>":        "&lt;b&gt; &lt;/b&gt;",
		"<!-- a -->":      "&lt;!-- a --&gt;",
		"< <https://a.b>": "< &lt;https://a.b&gt;",
		"a_b*c|d & [e]":   `a\_b\*c\|d &amp; \[e\]`,
		"2 <":             "2 &lt;",
	} {
		if got := escapeMarkdown(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// TestMarkdownTables: every line of a table has as many cells as its head, and
// an empty line before it.
func TestMarkdownTables(t *testing.T) {
	cells := regexp.MustCompile(`(^|[^\\])\|`)
	columns, tables := 0, 0
	before := ""
	for _, line := range strings.Split(render(t, whole(t).Markdown), "\n") {
		if !strings.HasPrefix(line, "|") {
			columns = 0
		} else if n := len(cells.FindAllString(line, -1)); columns == 0 {
			columns = n
			tables++
			if before != "" {
				t.Errorf("a table follows %q, want an empty line", before)
			}
		} else if n != columns {
			t.Errorf("got %d cells, want %d: %s", n-1, columns-1, line)
		}
		before = line
	}
	if tables != 9 {
		t.Errorf("got %d tables, want 9", tables)
	}
}

// TestDeterministic: the same runs give the same bytes.
func TestDeterministic(t *testing.T) {
	a, b := whole(t), whole(t)
	if render(t, a.HTML) != render(t, b.HTML) || render(t, a.Markdown) != render(t, b.Markdown) {
		t.Error("two reports of the same runs differ")
	}
}

// TestWriteText: the table fits into a terminal.
func TestWriteText(t *testing.T) {
	for _, line := range strings.Split(render(t, whole(t).WriteText), "\n") {
		if utf8.RuneCountInString(line) > 80 {
			t.Errorf("a line is wider than 80 columns: %s", line)
		}
	}
}

// TestMissingConfigurations: whichever configurations have runs, a report can be
// built and says which have none.
func TestMissingConfigurations(t *testing.T) {
	r := whole(t)
	full := len(r.Sections)
	all := notebook(t, map[int][]float64{1: {99}, 2: {99}, 3: {99}, 4: {99}})
	for set := 1; set < 16; set++ {
		c := all.Comparison
		c.Runs = nil
		for _, run := range all.Runs {
			if set>>(run.Config-1)&1 == 1 {
				run.Filters = result.Filters{Side: 1, Kernels: [][]float32{{1}}}
				for e := range run.Epochs {
					run.Epochs[e].Train, run.Epochs[e].Val = run.Test, run.Test
				}
				c.Runs = append(c.Runs, run)
			}
		}
		r, err := Build(c)
		if err != nil {
			t.Fatalf("set %04b: %v", set, err)
		}
		text := render(t, r.Markdown)
		for k := 1; k <= 4; k++ {
			there := set>>(k-1)&1 == 1
			claim := strings.Contains(text, "configuration "+string(rune('0'+k))+" with seed 1")
			figures := strings.Contains(text, "confusion-"+string(rune('0'+k))+".svg")
			if claim == there || figures != there {
				t.Errorf("set %04b: configuration %d: said to be missing: %v; pictures: %v", set, k, claim, figures)
			}
		}
		if len(r.Sections) != full || strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
			t.Errorf("set %04b: %d sections, or numbers that are none:\n%s", set, len(r.Sections), text)
		}
	}
}
