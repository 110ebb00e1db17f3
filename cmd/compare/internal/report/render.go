package report

import (
	_ "embed"
	"encoding/base64"
	"fmt"
	htmltemplate "html/template"
	"io"
	"slices"
	"strings"
	texttemplate "text/template"
	"unicode/utf8"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/svg"
	"tapenet/cmd/internal/table"
)

// Report is what a reader gets, in no form yet.
type Report struct {
	Title    string
	Lead     []string // sentences above all sections
	Summary  Table    // one row a configuration
	Sections []Section
}

// Section is a part of the report. Any of its lists may be empty.
type Section struct {
	ID, Title string
	Claims    []string // what the runs show, a sentence or two each
	Tables    []Table
	Figures   []Figure
	Notes     []string // how to read it
}

// Table is a table with what it shows.
type Table struct {
	Caption string
	table.Table
}

// Long reports whether the rows of the table don't fit into a phone. A name of a
// column breaks between its words.
func (t Table) Long() bool {
	const most = 44 // letters, one of them for the space between two columns
	letters := len(t.Columns)
	for i, c := range t.Columns {
		widest := 0
		for word := range strings.FieldsSeq(c.Name) {
			widest = max(widest, utf8.RuneCountInString(word))
		}
		for _, row := range t.Rows {
			if c.Number { // text breaks
				widest = max(widest, utf8.RuneCountInString(row[i]))
			}
		}
		letters += widest
	}
	return letters > most
}

// Figure is a picture.
type Figure struct {
	Name    string // of its file
	Caption string // what it shows, also for those who don't see it
	SVG     []byte
	Narrow  []byte // the same for a phone; nil of a picture that has ids, which the page shows as an image
	Print   string // how it is printed: "" as wide as the page, "half" or "sheet" narrow and beside another
}

// Data is the address of the picture itself.
func (f Figure) Data() htmltemplate.URL {
	return htmltemplate.URL("data:image/svg+xml;base64," + base64.StdEncoding.EncodeToString(f.SVG))
}

// number gives the tables and the figures their numbers, in order.
func (r *Report) number() {
	tables, figures := 1, 0
	r.Summary.Caption = "Table 1. " + r.Summary.Caption + "."
	for i := range r.Sections {
		for j := range r.Sections[i].Tables {
			t := &r.Sections[i].Tables[j]
			tables++
			t.Caption = fmt.Sprintf("Table %d. %s.", tables, t.Caption)
		}
		for j := range r.Sections[i].Figures {
			f := &r.Sections[i].Figures[j]
			figures++
			f.Caption = fmt.Sprintf("Figure %d. %s", figures, f.Caption)
		}
	}
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
	"css":   func() htmltemplate.CSS { return htmltemplate.CSS(svg.Page + css) },
	"whole": keepTogether,
	"svg":   func(svg []byte) htmltemplate.HTML { return htmltemplate.HTML(svg) },
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

// WriteText writes the summary for the 80 columns of a terminal.
func (r *Report) WriteText(w io.Writer) error {
	t := r.Summary.Table
	t.Columns = slices.Clone(t.Columns)
	for i := range t.Columns {
		t.Columns[i].Name = strings.TrimSuffix(t.Columns[i].Name, " (median)")
	}
	return t.Write(w)
}

// keepTogether keeps a line from ending inside a number.
var keepTogether = strings.NewReplacer(" ± ", "\u00a0±\u00a0", " %", "\u00a0%", "p = ", "p\u00a0=\u00a0", "p < ", "p\u00a0<\u00a0").Replace

// escapeMarkdown keeps text from being read as Markdown or HTML. A < before a
// space starts no tag and stays: people also read the file as it is.
var escapeMarkdown = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `< `, `< `, `<`, `&lt;`, `>`, `&gt;`, `&`, `&amp;`, `|`, `\|`, "\n", " ").Replace
