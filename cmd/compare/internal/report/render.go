package report

import (
	_ "embed"
	htmltemplate "html/template"
	"io"
	"strings"
	texttemplate "text/template"

	"github.com/pkg/errors"

	"tapenet/cmd/compare/internal/chart"
	"tapenet/cmd/internal/table"
)

// Report is what a reader gets, in no form yet.
type Report struct {
	Title    string
	Lead     []string    // sentences above all sections
	Summary  table.Table // one row a configuration
	Sections []Section
}

// Section is a part of the report. Any of its lists may be empty.
type Section struct {
	ID, Title string
	Claims    []string // what the runs show, a sentence or two each
	Tables    []table.Table
	Figures   []Figure
	Notes     []string // how to read it
}

// Figure is a picture.
type Figure struct {
	Name    string // of its file
	Caption string // what it shows, also for those who don't see it
	SVG     []byte
}

var (
	//go:embed report.md.tmpl
	markdownText string
	//go:embed report.html.tmpl
	htmlText string
	//go:embed report.css
	css string
)

var markdown = texttemplate.Must(texttemplate.New("report.md").Funcs(texttemplate.FuncMap{"md": escapeMarkdown}).Parse(markdownText))

var html = htmltemplate.Must(htmltemplate.New("report.html").Funcs(htmltemplate.FuncMap{
	"css":   func() htmltemplate.CSS { return htmltemplate.CSS(chart.CSS + css) },
	"whole": keepTogether,
	"svg":   func(f Figure) htmltemplate.HTML { return htmltemplate.HTML(f.SVG) },
}).Parse(htmlText))

// Markdown writes the report as GitHub shows it; the pictures are files beside
// it.
func (r *Report) Markdown(w io.Writer) error {
	return errors.WithStack(markdown.Execute(w, r))
}

// HTML writes the report as one page that loads nothing else.
func (r *Report) HTML(w io.Writer) error {
	return errors.WithStack(html.Execute(w, r))
}

// WriteText writes the columns of the summary that fit into the 80 of a terminal.
func (r *Report) WriteText(w io.Writer) error {
	return r.Summary.Select("#", "network", "batch", "epochs", "notebook", "accuracy", "an epoch", "in all").Write(w)
}

// keepTogether keeps a line from ending inside a number.
var keepTogether = strings.NewReplacer(" ± ", "\u00a0±\u00a0", " %", "\u00a0%", "p = ", "p\u00a0=\u00a0", "p < ", "p\u00a0<\u00a0").Replace

// escapeMarkdown keeps text from being read as Markdown or HTML. A < before a
// space starts no tag and stays: people also read the file as it is.
var escapeMarkdown = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `< `, `< `, `<`, `&lt;`, `>`, `&gt;`, `&`, `&amp;`, `|`, `\|`, "\n", " ").Replace
