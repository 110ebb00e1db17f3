package cmd

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBadInput: whatever is wrong is one line on the standard error that names
// it, an exit status, nothing on the standard output and nothing in the folder.
func TestBadInput(t *testing.T) {
	good := smallData(t)
	// broken is a copy of the data with one file changed or, if data is nil, removed.
	broken := func(name string, data []byte) string {
		dir := t.TempDir()
		files, err := os.ReadDir(good)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			write(t, filepath.Join(dir, f.Name()), read(t, filepath.Join(good, f.Name())))
		}
		if data == nil {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		} else {
			write(t, filepath.Join(dir, name), data)
		}
		return dir
	}
	const images, labels = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
	imageFile, labelFile := read(t, filepath.Join(good, images)), read(t, filepath.Join(good, labels))
	digits := labelFile[8:]

	small := t.TempDir()
	for _, set := range []string{"train", "t10k"} {
		write(t, filepath.Join(small, set+"-images-idx3-ubyte"), idx(make([]byte, 2*4*4), 0x803, 2, 4, 4))
		write(t, filepath.Join(small, set+"-labels-idx1-ubyte"), idx([]byte{0, 1}, 0x801, 2))
	}

	work := t.TempDir() // where outputs would go; stays empty
	in := func(name string) string { return filepath.Join(work, name) }
	other := t.TempDir()
	weights := filepath.Join(other, "w.safetensors")
	must(t, "twolayer", "-data", good, "-epochs", "0", "-save", weights)
	cut := filepath.Join(other, "cut.safetensors")
	must(t, "onelayer", "-data", good, "-epochs", "0", "-save", cut)
	file := read(t, cut)
	write(t, cut, file[:len(file)-3])
	text := filepath.Join(other, "text.safetensors")
	write(t, text, []byte("epoch,accuracy,loss\n0,0.5,1.7\n"))
	empty := filepath.Join(other, "empty.safetensors")
	write(t, empty, []byte{})

	taken := t.TempDir()
	write(t, filepath.Join(taken, "validation"), []byte{})

	tests := []struct {
		args   string
		status int
		want   string
	}{
		// flags
		{"-bogus", 2, "flag provided but not defined: -bogus; run onelayer -h"},
		{"-epoch 3", 2, "flag provided but not defined: -epoch; did you mean -epochs? If not, run onelayer -h"},
		{"-batch", 2, "flag needs an argument: -batch"},
		{"-batch 0", 2, `invalid value "0" for flag -batch: want a whole number, at least 1`},
		{"-batch -5", 2, `invalid value "-5" for flag -batch: want a whole number, at least 1`},
		{"-batch 1e3", 2, `invalid value "1e3" for flag -batch: want a whole number, at least 1`},
		{"-batch 99999999999999999999", 2, `for flag -batch: want a whole number, at least 1`},
		{"-precision half", 2, `invalid value "half" for flag -precision: want float32 or bf16`},
		{"-precision bf16 -ops gorgonia", 2, "-precision bf16: needs -ops fused, got gorgonia"},
		{"-epochs -1", 2, `invalid value "-1" for flag -epochs: want a whole number, at least 0`},
		{"-epochs ten", 2, `invalid value "ten" for flag -epochs: want a whole number, at least 0`},
		{"-lr 0", 2, `invalid value "0" for flag -lr: want a finite number above 0`},
		{"-lr -0.1", 2, `invalid value "-0.1" for flag -lr: want a finite number above 0`},
		{"-lr NaN", 2, `invalid value "NaN" for flag -lr: want a finite number above 0`},
		{"-lr Inf", 2, `invalid value "Inf" for flag -lr: want a finite number above 0`},
		{"-lr 1e39", 2, `invalid value "1e39" for flag -lr: want a finite number above 0`},
		{"-lr 1e-60", 2, `invalid value "1e-60" for flag -lr: want a finite number above 0`},
		{"-seed -1", 2, `invalid value "-1" for flag -seed: want a whole number from 0 to 18446744073709551615`},
		{"-workers 0", 2, `invalid value "0" for flag -workers: want a whole number, at least 1`},
		{"-limit -1", 2, `invalid value "-1" for flag -limit: want a whole number, at least 0`},
		{"-limit 41 -data " + good, 2, "-limit 41: there are 40 training images: want a smaller number"},
		{"-shuffle=perhaps", 2, `invalid boolean value "perhaps" for -shuffle: want true or false`},
		{"-shuffle false", 2, `unexpected argument "false"`},
		{"-ops magic", 2, `invalid value "magic" for flag -ops: want`},
		{"-verbose 3", 2, `invalid value "3" for flag -verbose: want 0, 1 or 2`},
		{"-dot " + in("g.dot") + " -dot-graph sideways", 2, `invalid value "sideways" for flag -dot-graph: want forward, `},
		{"-dot-graph training", 2, "-dot-graph=training: needs -dot FILE"},
		{"-history " + in("h.txt"), 2, "for flag -history: want a name that ends in .csv or .jsonl"},
		{"-dot " + in("a.csv") + " -history " + in("a.csv"), 2, "already the file of -dot"},
		{"-export " + in("net.h5"), 2, `for flag -export: want a name that ends in .onnx, .`},
		{"-save " + in("a.safetensors") + " -export " + in("a.safetensors"), 2, "-export " + in("a.safetensors") + ": already the file of -save"},
		{"-save " + in("a.pt"), 2, `/a.pt" for flag -save: want a name that ends in .safetensors`},
		{"-save-best " + in("a.PTH"), 2, "for flag -save-best: want a name that ends in .safetensors"},
		{"-save " + in("a.npz"), 2, "for flag -save: want a name that ends in .safetensors; -export takes this one"},
		{"-checkpoint " + in("a.onnx"), 2, "for flag -checkpoint: want a name that ends in .safetensors; -export takes this one"},
		{"-save " + in("a.weights.h5"), 2, "for flag -save: want a name that ends in .safetensors; -export takes this one"},
		{"-checkpoint=", 2, `invalid value "" for flag -checkpoint: want a name`},
		{"-save=", 2, `invalid value "" for flag -save: want a name`},
		{"-tensorboard=", 2, `invalid value "" for flag -tensorboard: want a name`},
		{"-save " + in("t") + " -tensorboard " + in("t"), 2, "-save " + in("t") + ": already a folder of -tensorboard " + in("t")},
		{"-dot " + in("t") + " -tensorboard " + in("t/logs"), 2, "already a folder of -tensorboard " + in("t/logs")},
		{"-checkpoint " + in("t/train") + " -tensorboard " + in("t"), 2, "already a folder of -tensorboard"},
		{"-history " + in("t/../x.csv") + " -tensorboard " + in("x.csv/y"), 2, "already a folder of -tensorboard"},
		{"-summary=perhaps", 2, `invalid boolean value "perhaps" for -summary: want true or false`},
		{"train", 2, `unexpected argument "train"`},
		{"-resume", 2, "-resume: needs -checkpoint FILE"},
		{"-checkpoint-every 5s", 2, "-checkpoint-every=5s: needs -checkpoint FILE"},
		{"-checkpoint " + in("c") + " -checkpoint-every 5", 2, `invalid value "5" for flag -checkpoint-every: want a duration above 0`},
		{"-checkpoint " + in("c") + " -checkpoint-every -1s", 2, "want a duration above 0"},
		{"-checkpoint " + in("c") + " -resume -init " + weights, 2, "the weights to go on from are in the checkpoint"},
		{"-init-partial", 2, "-init-partial: needs -init FILE"},
		{"-init-partial=some -init " + weights, 2, `invalid boolean value "some" for -init-partial: want true or false`},
		{"-resume=auto", 2, "-resume=auto: needs -checkpoint FILE"},
		{"-resume-lr 0.1", 2, "-resume-lr=0.1: needs -resume"},
		{"-resume-lr 0.1 -resume=false", 2, "-resume-lr=0.1: needs -resume"},
		{"-resume-lr 0.1 -resume=auto -checkpoint " + in("c"), 2, "-resume-lr=0.1: needs -resume, not -resume=auto, which may start"},
		{"-resume-lr 0", 2, `invalid value "0" for flag -resume-lr: want a finite number above 0`},
		{"-validation 0", 2, `invalid value "0" for flag -validation: want a number above 0 and below 1`},
		{"-validation 1", 2, `invalid value "1" for flag -validation: want a number above 0 and below 1`},
		{"-validation NaN", 2, `invalid value "NaN" for flag -validation: want a number above 0 and below 1`},
		{"-validation 0.99 -limit 20 -data " + good, 2, "-validation 0.99: of 20 training images 0 are to train on and 20 to validate on: want at least 1 of each"},
		{"-patience 0", 2, `invalid value "0" for flag -patience: want a whole number, at least 1`},
		{"-patience 3 -epochs 0", 2, "-patience 3: nothing is validated with -epochs 0"},
		{"-min-delta 0.1", 2, "-min-delta=0.1: needs -patience N"},
		{"-min-delta -0.1 -patience 3", 2, `invalid value "-0.1" for flag -min-delta: want a finite number, at least 0`},
		{"-min-delta Inf -patience 3", 2, `invalid value "Inf" for flag -min-delta: want a finite number, at least 0`},
		{"-save-best-by loss", 2, "-save-best-by=loss: needs -save-best FILE"},
		{"-save-best " + in("b") + " -save-best-by error", 2, `invalid value "error" for flag -save-best-by: want accuracy or loss`},
		{"-checkpoint " + in("c") + " -save-best " + in("c"), 2, "already the file of -save-best"},
		{"-checkpoint " + in("c") + " -resume=maybe", 2, `invalid boolean value "maybe" for -resume: want true, false or auto`},
		// files
		{"-init " + in("missing.safetensors"), 1, "-init: open " + in("missing.safetensors") + ": no such file"},
		{"-init " + other, 1, "-init " + other + ": read " + other + ": is a directory"},
		{"-init " + weights, 1, "the file is of another network: layer 4, got Conv2d(8, 2), want Flatten; -init-partial takes what fits"},
		{"-init-partial -init " + text, 1, "not a safetensors file: it is text: "},
		{"-init " + cut, 1, "cut short: got 927701 bytes of data, want 927704"},
		{"-init " + text, 1, "not a safetensors file"},
		{"-init " + empty, 1, "not a safetensors file"},
		{"-save " + filepath.Join(work, "no", "w.safetensors"), 1, "-save " + filepath.Join(work, "no", "w.safetensors")},
		{"-save " + other, 1, "is a folder"},
		{"-export " + filepath.Join(work, "no", "w.onnx"), 1, "-export " + filepath.Join(work, "no", "w.onnx")},
		{"-checkpoint " + other, 1, "is a folder"},
		{"-save-best " + filepath.Join(work, "no", "b"), 1, "no such file or directory"},
		{"-checkpoint " + weights, 1, "is there already; go on from it with -resume, or remove it"},
		{"-resume -checkpoint " + in("missing"), 1, "-resume: open " + in("missing") + ": no such file"},
		{"-resume -checkpoint " + text, 1, "not a safetensors file"},
		{"-dot " + filepath.Join(weights, "g.dot"), 1, "not a directory"},
		{"-history " + filepath.Join(work, "no", "h.csv"), 1, "no such file or directory"},
		{"-tensorboard " + weights, 1, "-tensorboard " + weights + ": " + weights + " is a file, want a folder"},
		{"-tensorboard " + filepath.Join(weights, "logs"), 1, weights + " is a file, want a folder"},
		{"-tensorboard " + taken, 1, filepath.Join(taken, "validation") + " is a file, want a folder"},
		{"-tensorboard " + in("t") + " -init " + text, 1, "not a safetensors file"},
		{"-tensorboard /proc/logs", 1, "-tensorboard /proc/logs: /"},
		{"-summary -tensorboard " + in("t") + " -init " + text, 1, "not a safetensors file"},
		// data
		{"-data " + in("nowhere"), 1, "-data: stat " + in("nowhere") + ": no such file"},
		{"-data " + weights, 1, "got a safetensors file, want a folder or a .npz file"},
		{"-data " + work, 1, "t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, plain or .gz: file does not exist; the folder has nothing"},
		{"-data " + broken(labels, nil), 1, ": train-labels-idx1-ubyte, plain or .gz: file does not exist; the folder has t10k-images-idx3-ubyte, t10k-labels-idx1-ubyte, train-images-idx3-ubyte"},
		{"-data " + broken(images, labelFile), 1, images + ": got an array (40), want images (N, H, W), (N, H, W, C) or (N, C, H, W) of C = 1 or 3 channels"},
		{"-data " + broken(images, imageFile[:9000]), 1, images + ": item 12 of 40: unexpected EOF"},
		{"-data " + broken(images, imageFile[:10]), 1, images + ": header: unexpected EOF"},
		{"-data " + broken(images, append(imageFile[:len(imageFile):len(imageFile)], 0)), 1, "after item 40 of 40: got more data, want the end"},
		{"-data " + broken(images, idx(nil, 0x803, 1<<31, 28, 28)), 1, "item 1 of 2147483648: unexpected EOF"},
		{"-data " + broken(images, idx(make([]byte, 32*32), 0x803, 1, 32, 32)), 1, "got images of 1×32×32 in train-images-idx3-ubyte and of 1×28×28 in t10k-images-idx3-ubyte, want one shape"},
		{"-data " + broken(images, idx(nil, 0x803, 0, 28, 28)), 1, "image count: got 0, want at least 1"},
		{"-data " + broken(labels, idx(digits[:39], 0x801, 39)), 1, "got 40 images in train-images-idx3-ubyte and 39 labels"},
		{"-data " + small, 1, "-data " + small + ": images of 1×4×4: layer 1, Conv2d(16, 5): a filter of 5x5 does not fit into 4x4 pixels"},
		{"-data " + broken(labels, []byte("\x1f\x8bnot gzip")), 1, labels + ": gzip header"},
		// training
		{"-lr 1e30 -batch 10 -data " + good, 1, "epoch 1, step 2 of 4"},
	}
	for _, test := range tests {
		t.Run(strings.ReplaceAll(test.args, string(filepath.Separator), "|"), func(t *testing.T) {
			args := strings.Fields(test.args)
			if !strings.Contains(test.args, "-data") && test.status == 1 {
				args = append(args, "-data", good)
			}
			stdout, stderr, status := run(t, "onelayer", args...)
			line, rest, _ := strings.Cut(stderr, "\n")
			if status != test.status || !strings.HasPrefix(line, "onelayer: ") || !strings.Contains(line, test.want) || rest != "" {
				t.Errorf("got exit status %d and %q, want %d and one line with %q", status, stderr, test.status, test.want)
			}
			if stdout != "" && !strings.HasPrefix(test.want, "epoch") {
				t.Errorf("got %q on the standard output", stdout)
			}
		})
	}
	left, err := os.ReadDir(work)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) > 0 {
		t.Errorf("%d files were left behind: %v", len(left), left)
	}
}

// idx is a file of bytes with a header of numbers, which need not fit.
func idx(data []byte, header ...int) []byte {
	var file []byte
	for _, h := range header {
		file = binary.BigEndian.AppendUint32(file, uint32(h))
	}
	return append(file, data...)
}

// TestBF16NeedsAMX: at a level without AMX, -precision bf16 is refused.
func TestBF16NeedsAMX(t *testing.T) {
	t.Setenv("GODEBUG", "cpu.avx512f=off")
	stdout, stderr, status := run(t, "onelayer", "-precision", "bf16")
	if want := "needs Linux on a processor with AMX-BF16"; status != 2 || stdout != "" || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
		t.Errorf("got exit status %d, %q and %q, want 2 and one line with %q", status, stdout, stderr, want)
	}
}
