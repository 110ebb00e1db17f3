package fit

import (
	"flag"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pkg/errors"

	"tapenet/cmd/internal/atomicfile"
	"tapenet/cmd/internal/command"
	"tapenet/cmd/internal/data"
	"tapenet/cmd/internal/export"
	"tapenet/cmd/internal/tensorboard"
	"tapenet/graph"
	"tapenet/graph/draw"
)

// options are what the command line says.
type options struct {
	batch, epochs, workers, limit int
	lr                            float64
	seed                          uint64
	shuffle                       bool
	lowering                      graph.Lowering
	precision                     string // of the factors in dense layers
	data, init                    string
	initPartial                   bool
	transpose                     bool
	save, saveBest, dot, history  string
	export                        string
	saveBestBy                    metric
	validation                    float64 // part of the training images; 0: the test images
	patience                      int     // 0: without end
	minDelta                      float64
	tensorboard                   string
	checkpoint                    string
	checkpointEvery               time.Duration
	resume                        resumption
	resumeLR                      float64 // 0: no other
	dotGraph                      draw.Drawing
	summary                       bool
	verbose                       verbosity
	askedWorkers                  bool // -workers was given
}

type verbosity string

const (
	silent verbosity = "0"
	bar    verbosity = "1"
	lines  verbosity = "2"
)

// resumption is whether a training goes on from its checkpoint: a flag that
// needs no value.
type resumption int

const (
	fresh resumption = iota
	resumed
	automatic // resumed if there is a checkpoint
)

func (r resumption) String() string { return [...]string{"false", "true", "auto"}[r] }

func (r *resumption) Set(word string) error {
	yes, err := strconv.ParseBool(word)
	switch {
	case word == "auto":
		*r = automatic
	case err != nil:
		return errors.New("want true, false or auto")
	case yes:
		*r = resumed
	default:
		*r = fresh
	}
	return nil
}

func (r *resumption) IsBoolFlag() bool { return true }

// Words are what a shell can complete the value to.
func (r *resumption) Words() []string { return []string{"true", "false", "auto"} }

// groups are the flags in the order of the help.
var groups = []command.Group{
	{Title: "Training", Flags: []string{"epochs", "batch", "lr", "seed", "shuffle", "patience", "min-delta", "ops", "precision", "workers"}},
	{Title: "Data", Flags: []string{"data", "transpose", "limit", "validation"}},
	{Title: "Weights and checkpoints", Flags: []string{"init", "init-partial", "save", "save-best", "save-best-by", "export", "checkpoint", "checkpoint-every", "resume", "resume-lr"}},
	{Title: "Output", Flags: []string{"verbose", "summary", "history", "tensorboard", "dot", "dot-graph"}},
}

// What -precision can be.
const (
	float32s = "float32"
	bf16     = "bf16"
)

// compiled is the lowering of the graphs that train and evaluate.
func (o *options) compiled() graph.Lowering {
	if o.precision == bf16 {
		return graph.FusedBF16
	}
	return o.lowering
}

// flags declares every flag of the command on a set, with its default.
func (o *options) flags(fs *flag.FlagSet) {
	*o = options{
		batch: 200, epochs: 10, workers: runtime.GOMAXPROCS(0), lr: 0.001, seed: 1, shuffle: true,
		lowering: graph.DefaultLowering, precision: float32s, saveBestBy: byAccuracy, dotGraph: draw.Drawings()[0], verbose: lines,
	}
	fs.Var(command.Count(&o.batch, 1), "batch", "train in steps of `N` images")
	fs.Var(command.Count(&o.epochs, 0), "epochs", "go `N` times over the training images; 0 trains nothing and only evaluates, saves and draws")
	fs.Var(command.Rate(&o.lr), "lr", "learning `rate` of Adam")
	fs.Var(command.Seed(&o.seed), "seed", "`number` that fixes the initial weights, the order of the images and the masks of Dropout")
	fs.Var(command.Count(&o.workers, 1), "workers", "use `N` cores, at most 32; the result has the same bits for any N")
	data.Flags(fs, &o.data, &o.transpose, &o.limit)
	fs.Var(command.Number(&o.validation, "a number above 0 and below 1", func(f float64) bool { return f > 0 && f < 1 }), "validation", "do not train on the last `part` of the training images, such as 0.1, but validate on it after each epoch, as Keras's validation_split does; the test images are then for the end alone (default: validate on the test images)")
	fs.Var(command.Count(&o.patience, 1), "patience", "stop after `N` epochs in a row without a better validation loss, as Keras's EarlyStopping does; with -save-best, the training ends with the weights of that file, stopped or not: -save, -export and the accuracy are theirs")
	fs.Var(command.Number(&o.minDelta, "a finite number, at least 0", func(f float64) bool { return f >= 0 && f <= math.MaxFloat64 }), "min-delta", "for -patience, a validation loss is better if it is more than `D` below the best (default 0)")
	fs.Var(command.Toggle(&o.shuffle), "shuffle", "go over the images in a new order each epoch; -shuffle=false keeps the order of the files")
	fs.Var(command.Choice(&o.lowering, graph.Lowerings()...), "ops", "build the graph from `ops`: fused (ours, fast) or gorgonia (its own, slow and plain)")
	fs.Var(command.Choice(&o.precision, float32s, bf16), "precision", "multiply in dense layers with factors of `type`: float32, or bf16 (bfloat16), which is faster and needs a processor with AMX, Linux and -ops fused; sums and weights are float32 with both, and the result has the same bits for any -workers")
	fs.Var(command.Name(&o.init), "init", "start from the weights in `file` (.safetensors: one of -save, -save-best or -checkpoint, or PyTorch's; .npz with PyTorch's names; Keras's .weights.h5 or .keras) instead of random ones")
	fs.Var(command.Toggle(&o.initPartial), "init-partial", "take from -init, a .safetensors file, what fits by name and shape, start the rest as without it, and say which")
	fs.Var(weightsFile(&o.save), "save", "write the trained weights to `file` (.safetensors, PyTorch's names and layout)")
	fs.Var(weightsFile(&o.saveBest), "save-best", "write the weights of the epoch with the best validation accuracy to `file` (.safetensors): the first of equals, and only if it is better than all before -resume")
	fs.Var(command.Choice(&o.saveBestBy, byAccuracy, byLoss), "save-best-by", "the validation `metric` that says which epoch is the best for -save-best: accuracy or loss")
	fs.Var(export.Flag(&o.export), "export", "write the trained network for another program to `file`, by its ending: "+export.Formats)
	fs.Var(weightsFile(&o.checkpoint), "checkpoint", "after each epoch, write all that is needed to go on to `file` (.safetensors)")
	fs.Var(command.Duration(&o.checkpointEvery), "checkpoint-every", "write the checkpoint between steps too, once in a `duration` such as 30s")
	fs.Var(&o.resume, "resume", "go on from the checkpoint; the result has the bits of a run that was never stopped. -resume=auto starts if there is no checkpoint")
	fs.Var(command.Rate(&o.resumeLR), "resume-lr", "with -resume, go on with another learning `rate` and Adam's moments; -lr stays as it was, and a later -resume keeps the rate. -history then has the rate of each epoch")
	fs.Var(command.Name(&o.dot), "dot", "write a picture of the graph to `file`: .svg, .png if Graphviz is installed, and for any other name Graphviz's DOT")
	fs.Var(command.Choice(&o.dotGraph, draw.Drawings()...), "dot-graph", "draw `what` with -dot: forward (the network as written), fused (which layers run as one op), training (one step with its gradients) or nodes (every node that the tape machine executes)")
	fs.Var(command.Name(&o.history), "history", "write the metrics of each epoch to `file`, .csv (as Keras's CSVLogger) or .jsonl")
	fs.Var(command.Name(&o.tensorboard), "tensorboard", "write the curves of the training into `folder`, as Keras's callback does; to see them: tensorboard --logdir folder")
	fs.Var(command.Toggle(&o.summary), "summary", "print the table of layers as Keras's model.summary() does, shapes as (None, channels, rows, columns)")
	fs.Var(command.Choice(&o.verbose, silent, bar, lines), "verbose", "what to print of the epochs, a `level`: 0 nothing, 1 a progress bar, 2 a line each; the accuracy at the end is always printed")
}

// parse reads the command line of the named command. The errors are those of
// command.Parse.
func parse(name string, args []string, help string, stdout io.Writer) (*options, error) {
	var o options
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	o.flags(fs)
	set, err := command.Parse(fs, args, help, stdout, groups...)
	if err != nil {
		return nil, err
	}
	for _, need := range []struct {
		flag string
		met  bool
		of   string
	}{
		{"dot-graph", o.dot != "", "-dot FILE"},
		{"min-delta", o.patience > 0, "-patience N"},
		{"save-best-by", o.saveBest != "", "-save-best FILE"},
		{"resume", o.resume == fresh || o.checkpoint != "", "-checkpoint FILE"},
		{"resume-lr", o.resume == resumed, "-resume, not -resume=auto, which may start"},
		{"checkpoint-every", o.checkpoint != "", "-checkpoint FILE"},
		{"init-partial", !o.initPartial || o.init != "", "-init FILE"},
	} {
		if set[need.flag] && !need.met {
			value := strings.TrimSuffix("="+fs.Lookup(need.flag).Value.String(), "=true")
			return nil, command.Usagef("-%s%s: needs %s", need.flag, value, need.of)
		}
	}
	if o.patience > 0 && o.epochs == 0 {
		return nil, command.Usagef("-patience %d: nothing is validated with -epochs 0", o.patience)
	}
	if o.resume == resumed && o.init != "" {
		return nil, command.Usagef("-init %s: the weights to go on from are in the checkpoint", o.init)
	}
	if ext := ending(o.history); o.history != "" && ext != ".csv" && ext != ".jsonl" {
		return nil, command.Usagef("invalid value %q for flag -history: want a name that ends in .csv or .jsonl", o.history)
	}
	if o.precision == bf16 {
		switch {
		case o.lowering != graph.Fused:
			return nil, command.Usagef("-precision bf16: needs -ops fused, got %s", o.lowering)
		case !graph.BF16():
			return nil, command.Usagef("-precision bf16: needs Linux on a processor with AMX-BF16 at level avx512; the kernels here are %s", graph.Level())
		}
	}
	o.askedWorkers = set["workers"]
	return &o, o.distinct()
}

// ending is the last part of a name from its dot on, in small letters: .csv of h.CSV.
func ending(path string) string { return strings.ToLower(filepath.Ext(path)) }

// foreign are endings of files that are no safetensors files, and that other
// programs would take this one for.
var foreign = []string{
	".pt", ".pth", ".pkl", ".onnx", ".keras", ".h5", ".hdf5", ".npz", ".npy", ".pb", ".tflite", ".gguf",
	".csv", ".json", ".jsonl", ".txt", ".dot", ".svg", ".png",
}

// weightsFile is a flag for the name of a file in the format of safetensors, with
// any ending but those of other formats. A pipe or a device needs none.
func weightsFile(p *string) flag.Value {
	return command.Value(p, func(word string) (string, error) {
		switch {
		case word == "":
			return "", errors.New("want a name")
		case !slices.Contains(foreign, ending(word)):
			return word, nil
		case export.Flag(new(string)).Set(word) == nil:
			return "", errors.New("want a name that ends in .safetensors; -export takes this one")
		}
		return "", errors.New("want a name that ends in .safetensors")
	})
}

// output is a file that the command writes, and the flag that names it.
type output struct{ flag, path string }

// outputs are the files that the command is to write.
func (o *options) outputs() []output {
	all := []output{{"-save", o.save}, {"-save-best", o.saveBest}, {"-checkpoint", o.checkpoint}, {"-export", o.export}, {"-dot", o.dot}, {"-history", o.history}}
	return slices.DeleteFunc(all, func(out output) bool { return out.path == "" })
}

// runs are the folders for the event files of -tensorboard, if it was given.
func (o *options) runs() []string {
	if o.tensorboard == "" {
		return nil
	}
	return []string{filepath.Join(o.tensorboard, "train"), filepath.Join(o.tensorboard, "validation")}
}

// distinct returns an error if two outputs are one file, or if one is a folder
// that -tensorboard makes.
func (o *options) distinct() error {
	outputs := o.outputs()
	for i, out := range outputs {
		for _, other := range outputs[:i] {
			if atomicfile.Same(out.path, other.path) {
				return command.Usagef("%s %s: already the file of %s", out.flag, out.path, other.flag)
			}
		}
		if o.checkpoint != "" && atomicfile.IsLock(out.path, o.checkpoint) {
			return command.Usagef("%s %s: already the lock of -checkpoint %s", out.flag, out.path, o.checkpoint)
		}
		for _, dir := range o.runs() {
			for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
				if atomicfile.Same(out.path, dir) {
					return command.Usagef("%s %s: already a folder of -tensorboard %s", out.flag, out.path, o.tensorboard)
				}
			}
		}
	}
	return nil
}

// checkOutputs returns an error if an output could not be written at the end.
func (o *options) checkOutputs() error {
	for _, out := range o.outputs() {
		if err := atomicfile.Check(out.path); err != nil {
			return errors.WithMessagef(err, "%s %s", out.flag, out.path)
		}
	}
	for _, run := range o.runs() {
		if err := tensorboard.Check(run); err != nil {
			return errors.WithMessagef(err, "-tensorboard %s", o.tensorboard)
		}
	}
	return nil
}

// help is the text of -h above the flags; size is the number of parameters on
// MNIST, in words.
func help(name, size string) string {
	return fmt.Sprintf(`Usage: %s [flags]

Trains a convolutional network%s on MNIST and prints its
accuracy on the test images. Without flags it does what the notebook does: 10
epochs in batches of 200.

  %[1]s -epochs 2                      a first try
  %[1]s -save net.safetensors          keep what was learned
  %[1]s -epochs 0 -dot net.svg         draw the network

Results go to the standard output, progress and errors to the standard error.
The exit status is 0 if all is done, 1 if something failed, 2 if the command
line is wrong, 130 if it was interrupted. The fused ops run on %[3]s kernels
here.
`, name, size, graph.Level())
}
