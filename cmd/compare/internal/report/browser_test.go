package report

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tapenet/cmd/compare/internal/result"
)

// full is a report as large as the notebook's: every configuration has more
// mistakes than a picture shows.
func full(t *testing.T) *Report {
	t.Helper()
	b := notebook(t, map[int][]float64{1: {98.70, 98.85}, 2: {98.75, 98.91}, 3: {98.02, 98.13}, 4: {98.66, 98.79}})
	b.Origin = Origin{Command: "compare -seeds 2", Date: "2026-01-02 03:04 UTC", Program: "tapenet (devel), go1.26.0, linux/amd64, avx512 kernels, Gorgonia v0.9.18"}
	for i := range b.Runs {
		r := &b.Runs[i]
		r.Machine = result.Machine{Processor: "AMD EPYC 9B14 96-Core Processor", Kernels: "avx512", Workers: 2, Cores: 2, System: "linux/amd64", Go: "go1.26.0"}
		for e := range r.Epochs {
			m := result.Metrics{Accuracy: r.Test.Accuracy - 0.3/float64(1+e*e), Loss: 0.04 + 0.3/float64(1+e)}
			r.Epochs[e] = result.Epoch{Seconds: 0.5 + 0.01*float64(e+i), Train: m, Val: m}
		}
		wrong := int(images*(1-r.Test.Accuracy) + 0.5)
		for m := range wrong {
			r.Mistakes = append(r.Mistakes, result.Mistake{Image: 10 * m, Truth: 0, Guess: 1 + (m+i)%9, PGuess: 0.9 - float64(m)/1000, PTruth: 0.05})
		}
		r.Filters.Side, r.Filters.Biases = 5, make([]float32, 16)
		for f := range 16 {
			kernel := make([]float32, 25)
			for w := range kernel {
				kernel[w] = float32((w*7+f*5+i)%11-5) / 20
			}
			r.Filters.Kernels = append(r.Filters.Kernels, kernel)
		}
	}
	r, err := Build(b.Comparison)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// chromium runs the browser without a window.
func chromium(t *testing.T, args ...string) string {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("no chromium")
	}
	args = append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + t.TempDir()}, args...)
	out, err := exec.Command(path, args...).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// page writes the report as a page into a folder.
func page(t *testing.T, dir string, change func(string) string) string {
	t.Helper()
	path := filepath.Join(dir, "report.html")
	if err := os.WriteFile(path, []byte(change(render(t, full(t).HTML))), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// number is a number in a table.
var number = regexp.MustCompile(`\d[\d.,]*`)

// TestPrint: printed as a browser does by default, the report has at most eight
// pages, and each row of each table is there with all its numbers, in order.
func TestPrint(t *testing.T) {
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("no pdftotext (Debian's poppler-utils)")
	}
	pdf := filepath.Join(t.TempDir(), "report.pdf")
	path := page(t, t.TempDir(), func(html string) string { return html })
	chromium(t, "--print-to-pdf="+pdf, "--no-pdf-header-footer", path)
	out, err := exec.Command("pdftotext", "-layout", pdf, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	text := string(out)
	if pages := strings.Count(text, "\f"); pages < 2 || pages > 8 {
		t.Errorf("got %d pages, want 2 to 8", pages)
	}
	var lines []string
	for line := range strings.Lines(text) {
		lines = append(lines, strings.Join(number.FindAllString(line, -1), " "))
	}
	r := full(t)
	tables := []Table{r.Summary}
	for _, s := range r.Sections {
		tables = append(tables, s.Tables...)
	}
	rows := 0
	for _, tab := range tables {
		for _, row := range tab.Rows {
			var numbers []string
			for i, cell := range row {
				if tab.Columns[i].Number {
					numbers = append(numbers, number.FindAllString(cell, -1)...)
				}
			}
			if numbers == nil {
				continue
			}
			rows++
			if want := strings.Join(numbers, " "); !anyContains(lines, want) {
				t.Errorf("%s: no line has the numbers %s", tab.Caption, want)
			}
		}
	}
	if rows < 40 {
		t.Errorf("%d rows were looked for, want at least 40", rows)
	}
}

func anyContains(lines []string, want string) bool {
	for _, line := range lines {
		if strings.Contains(" "+line+" ", " "+want+" ") {
			return true
		}
	}
	return false
}

// measure tells the page around this one what lies outside the window or outside
// its picture, and how many accuracies of the first table can be seen.
const measure = `<script>
const width = document.documentElement.clientWidth, outside = [];
if (document.documentElement.scrollWidth > width) outside.push("the page scrolls to " + document.documentElement.scrollWidth);
for (const e of document.querySelectorAll("th, td, p, li, caption, figcaption, img, svg, svg text")) {
  const at = e.getBoundingClientRect();
  if (!at.width) continue;
  if (at.right > width + 0.5 || at.left < -0.5) outside.push(e.tagName + " " + e.textContent.slice(0, 40));
  const picture = e.tagName === "text" && e.closest("svg").getBoundingClientRect();
  if (picture && (at.right > picture.right || at.left < picture.left || at.bottom > picture.bottom)) outside.push("clipped: " + e.textContent);
}
const seen = [...document.querySelector("table").querySelectorAll("td[data-name=accuracy]")].filter(e => e.getBoundingClientRect().width > 0);
let letters = 99;
for (const e of document.querySelectorAll("svg text"))
  if (e.getBoundingClientRect().width) letters = Math.min(letters, e.getScreenCTM().a * parseFloat(getComputedStyle(e).fontSize));
parent.postMessage("width " + width + ", accuracies " + seen.length + ", letters of " + (letters >= 9 ? 9 : Math.floor(letters)) + " pixels or more, outside: " + outside.join("; ") + ".\\n", "*");
</script></body>`

// TestScreens: on a tablet and on a phone the page does not scroll to the side,
// nothing is cut off, the accuracies are there, and letters of pictures have at
// least 9 pixels; where the wide pictures are smallest, 7.
func TestScreens(t *testing.T) {
	dir := t.TempDir()
	page(t, dir, func(html string) string {
		html = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy"[^>]*>`).ReplaceAllString(html, "") // or no script could measure
		return strings.Replace(html, "</body>", measure, 1)
	})
	const widths, frame = "1280 820 601 390", `<iframe src="report.html" style="width:%spx;height:900px;border:0"></iframe>` + "\n"
	around := `<pre id="said"></pre><script>onmessage = e => { document.getElementById("said").textContent += e.data }</script>`
	for width := range strings.FieldsSeq(widths) {
		around += fmt.Sprintf(frame, width)
	}
	path := filepath.Join(dir, "around.html")
	if err := os.WriteFile(path, []byte(around), 0o644); err != nil {
		t.Fatal(err)
	}
	said := chromium(t, "--dump-dom", "--virtual-time-budget=20000", "--hide-scrollbars", "--window-size=1400,1000", path)
	said, _, _ = strings.Cut(said, "</pre>")
	for width, letters := range map[string]string{"1280": "9", "820": "9", "601": "7", "390": "9"} {
		want := fmt.Sprintf("width %s, accuracies 4, letters of %s pixels or more, outside: .", width, letters)
		if !strings.Contains(said, want) {
			t.Errorf("got %s\nwant %s", said, want)
		}
	}
}
