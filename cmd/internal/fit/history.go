package fit

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"path/filepath"
	"strconv"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/train"
)

// historyRow has the columns of Keras's CSVLogger, which counts epochs from 0.
type historyRow struct {
	Epoch       int     `json:"epoch"`
	Accuracy    float64 `json:"accuracy"`
	Loss        float64 `json:"loss"`
	ValAccuracy float64 `json:"val_accuracy"`
	ValLoss     float64 `json:"val_loss"`
}

var historyColumns = []string{"epoch", "accuracy", "loss", "val_accuracy", "val_loss"}

func newHistoryRow(e train.Epoch) historyRow {
	return historyRow{e.Epoch - 1, e.Train.Accuracy(), e.Train.Loss, e.Val.Accuracy(), e.Val.Loss}
}

// writeHistory replaces the file at path, .csv or .jsonl, by the history.
func writeHistory(ctx context.Context, path string, h train.History) error {
	write := writeCSV
	if filepath.Ext(path) == ".jsonl" {
		write = writeJSONL
	}
	return atomicfile.Write(ctx, path, func(w io.Writer) error { return write(w, h) })
}

func writeCSV(w io.Writer, h train.History) error {
	c := csv.NewWriter(w)
	rows := [][]string{historyColumns}
	for _, e := range h {
		r := newHistoryRow(e)
		row := []string{strconv.Itoa(r.Epoch)}
		for _, v := range []float64{r.Accuracy, r.Loss, r.ValAccuracy, r.ValLoss} {
			row = append(row, strconv.FormatFloat(v, 'g', -1, 64))
		}
		rows = append(rows, row)
	}
	return errors.WithStack(c.WriteAll(rows))
}

func writeJSONL(w io.Writer, h train.History) error {
	enc := json.NewEncoder(w)
	for _, e := range h {
		if err := enc.Encode(newHistoryRow(e)); err != nil {
			return errors.WithStack(err)
		}
	}
	return nil
}
