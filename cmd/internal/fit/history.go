package fit

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"slices"
	"strconv"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
)

// historyRow has the columns of Keras's CSVLogger, which counts epochs from 0.
// There is a learning rate only if -resume-lr changed it.
type historyRow struct {
	Epoch       int     `json:"epoch"`
	Accuracy    float64 `json:"accuracy"`
	Rate        float64 `json:"learning_rate,omitempty"` // at the end of the epoch
	Loss        float64 `json:"loss"`
	ValAccuracy float64 `json:"val_accuracy"`
	ValLoss     float64 `json:"val_loss"`
}

// historyRows are the rows of the training so far.
func (t *training) historyRows() (rows []historyRow) {
	for _, e := range t.history {
		r := historyRow{e.Epoch - 1, e.Train.Accuracy(), 0, e.Train.Loss, e.Val.Accuracy(), e.Val.Loss}
		if len(t.settings.Rates) > 0 {
			r.Rate = t.rate(e.Epoch)
		}
		rows = append(rows, r)
	}
	return rows
}

// writeHistory replaces the file of -history, .csv or .jsonl, if it was given.
func (t *training) writeHistory() error {
	path := t.job.options.history
	if path == "" {
		return nil
	}
	write := writeCSV
	if ending(path) == ".jsonl" {
		write = writeJSONL
	}
	err := atomicfile.Write(t.job.ctx, path, func(w io.Writer) error { return write(w, t.historyRows()) })
	return errors.WithMessagef(err, "-history %s", path)
}

func writeCSV(w io.Writer, rows []historyRow) error {
	columns := []string{"epoch", "accuracy", "learning_rate", "loss", "val_accuracy", "val_loss"}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	table := [][]string{columns}
	for _, r := range rows {
		table = append(table, []string{strconv.Itoa(r.Epoch), number(r.Accuracy), number(r.Rate), number(r.Loss), number(r.ValAccuracy), number(r.ValLoss)})
	}
	if len(rows) > 0 && rows[0].Rate == 0 {
		for i, row := range table {
			table[i] = slices.Delete(row, 2, 3)
		}
	}
	return errors.WithStack(csv.NewWriter(w).WriteAll(table))
}

func writeJSONL(w io.Writer, rows []historyRow) error {
	enc := json.NewEncoder(w)
	for _, r := range rows {
		if err := enc.Encode(r); err != nil {
			return errors.WithStack(err)
		}
	}
	return nil
}
