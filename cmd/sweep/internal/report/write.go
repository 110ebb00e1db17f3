package report

import (
	_ "embed"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strconv"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/stats"
	"tapenet/cmd/internal/svg"
	"tapenet/cmd/internal/table"
)

// Report is what a reader gets, in no form yet.
type Report struct {
	Title    string
	Claims   []string
	Notes    []string
	Summary  table.Table
	Pictures []template.HTML

	configs []config
}

// Build returns the report on runs, of which there is at least one; missing is how
// many of the sweep are not there.
func Build(r *Runs, missing int) *Report {
	all := r.configs()
	report := &Report{
		Title:  fmt.Sprintf("Sweep of %s: %s", plural(len(all), "configuration"), plural(r.Len(), "training")),
		Claims: claims(all), Notes: r.notes(all), Summary: summary(all), configs: all,
	}
	if missing > 0 {
		report.Claims = slices.Insert(report.Claims, 0, fmt.Sprintf("Not all is there: %s missing.", isAre(missing, "training")))
	}
	for _, p := range varied(all) {
		report.Pictures = append(report.Pictures, template.HTML(p.picture(all)))
	}
	return report
}

// summary is the table for people: the varied parameters alone.
func summary(all []config) table.Table {
	params := varied(all)
	t := table.Table{Columns: table.Numbers("rank")}
	for _, p := range params {
		t.Columns = append(t.Columns, table.Column{Name: p.name, Number: p.number})
	}
	t.Columns = slices.Concat(t.Columns, table.Numbers("seeds", "accuracy (%)", "interval", "p"), table.Texts("difference"), table.Numbers("s each"))
	for i, c := range all {
		row := []any{i + 1}
		for _, p := range params {
			row = append(row, p.of(c.Settings))
		}
		mean, interval, p := "—", "—", "—"
		if c.accuracy.Of != "" {
			mean, interval = fmt.Sprintf("%.2f", c.accuracy.Mean), fmt.Sprintf("%.2f to %.2f", c.accuracy.Low, c.accuracy.High)
		}
		if c.difference.P < 1 {
			p = fmt.Sprintf("%.2g", c.difference.P)
		}
		t.Add(append(row, len(c.runs), mean, interval, p, c.verdict, fmt.Sprintf("%.1f", c.seconds().Mean()))...)
	}
	return t
}

func (c config) seconds() stats.Sample { return c.each(func(r run) float64 { return r.seconds }) }

// WriteText writes the title, the first rows of the table, and the claims.
func (r *Report) WriteText(w io.Writer) error {
	const most = 20
	t := r.Summary
	rest := len(t.Rows) - most
	t.Rows = t.Rows[:min(len(t.Rows), most)]
	if err := t.Write(w); err != nil {
		return err
	}
	if rest > 0 {
		fmt.Fprintf(w, "  … and %d more\n", rest)
	}
	for _, c := range r.Claims {
		if _, err := fmt.Fprintf(w, "\n%s\n", c); err != nil {
			return errors.WithStack(err)
		}
	}
	return nil
}

// row is a configuration as programs read it. Times come last.
type row struct {
	Rank     int     `json:"rank"`
	Network  string  `json:"network"`
	Batch    int     `json:"batch"`
	LR       float64 `json:"lr"`
	Epochs   int     `json:"epochs"`
	Ops      string  `json:"ops"`
	Train    int     `json:"train"` // images
	Seeds    int     `json:"seeds"`
	Failed   int     `json:"failed"`   // of the seeds
	Accuracy float64 `json:"accuracy"` // 0 to 1, as all accuracies here
	Low      float64 `json:"low"`
	High     float64 `json:"high"`
	Interval string  `json:"interval"` // seeds or images
	Loss     float64 `json:"loss"`
	P        float64 `json:"p"`       // of the difference from the best, after Holm's correction
	Verdict  string  `json:"verdict"` // best, equal, noise, unknown, slight, clear or failed
	Runs     []seed  `json:"runs"`
	Seconds  float64 `json:"seconds"` // of a training
}

// seed is one run of a row.
type seed struct {
	Seed     uint64  `json:"seed"`
	Accuracy float64 `json:"accuracy"`
	Loss     float64 `json:"loss"`
	Weights  string  `json:"weights"`
	Failed   string  `json:"failed,omitempty"`
	Kernels  string  `json:"kernels"`
	Seconds  float64 `json:"seconds"`
}

func (r *Report) rows() (rows []row) {
	for i, c := range r.configs {
		to := row{
			Rank: i + 1, Network: c.Network, Batch: c.Batch, LR: c.LR, Epochs: c.Epochs, Ops: string(c.Ops), Train: c.Train,
			Seeds: len(c.runs), Failed: c.failed(), Accuracy: c.each(func(r run) float64 { return r.accuracy }).Mean(), Low: c.accuracy.Low / 100, High: c.accuracy.High / 100, Interval: c.accuracy.Of,
			Loss: c.each(func(r run) float64 { return r.loss }).Mean(), P: c.difference.P, Verdict: c.verdict, Seconds: c.seconds().Mean(),
		}
		for _, r := range c.runs {
			to.Runs = append(to.Runs, seed{r.seed, r.accuracy, r.loss, r.weights, r.failed, r.machine.Kernels, r.seconds})
		}
		rows = append(rows, to)
	}
	return rows
}

// CSV writes a line for each configuration, the best first.
func (r *Report) CSV(w io.Writer) error {
	f := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	lines := [][]string{{"rank", "network", "batch", "lr", "epochs", "ops", "train", "seeds", "failed", "accuracy", "low", "high", "interval", "loss", "p", "verdict", "seconds"}}
	for _, c := range r.rows() {
		lines = append(lines, []string{
			strconv.Itoa(c.Rank), c.Network, strconv.Itoa(c.Batch), f(c.LR), strconv.Itoa(c.Epochs), c.Ops, strconv.Itoa(c.Train), strconv.Itoa(c.Seeds), strconv.Itoa(c.Failed),
			f(c.Accuracy), f(c.Low), f(c.High), c.Interval, f(c.Loss), f(c.P), c.Verdict, f(c.Seconds),
		})
	}
	return errors.WithStack(csv.NewWriter(w).WriteAll(lines))
}

// JSONL writes an object for each configuration, the best first, with all its runs.
func (r *Report) JSONL(w io.Writer) error {
	enc := json.NewEncoder(w)
	for _, c := range r.rows() {
		if err := enc.Encode(c); err != nil {
			return errors.WithStack(err)
		}
	}
	return nil
}

var (
	//go:embed report.html.tmpl
	htmlText string
	//go:embed report.css
	css string
)

var page = template.Must(template.New("sweep.html").Funcs(template.FuncMap{
	"css": func() template.CSS { return template.CSS(svg.Page + css) },
}).Parse(htmlText))

// HTML writes the report as one page that loads nothing else.
func (r *Report) HTML(w io.Writer) error { return errors.WithStack(page.Execute(w, r)) }
