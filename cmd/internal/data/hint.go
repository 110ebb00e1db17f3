package data

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// shorten joins names, at most 20 of them.
func shorten(names []string) string {
	const most = 20
	if len(names) == 0 {
		return "nothing"
	}
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), more)
	}
	return strings.Join(names, ", ")
}

var archives = []string{".zip", ".tar", ".tar.gz", ".tgz", ".7z", ".rar"}

// hint is what to do about the names of files that hold no set as they are; it
// starts with a semicolon. It is "" if there is nothing to say.
func hint(dir fs.FS, names []string) string {
	folders := 0
	for _, name := range names {
		_, part := parseName(name)
		switch lower := strings.ToLower(name); {
		case slices.ContainsFunc(archives, func(end string) bool { return strings.HasSuffix(lower, end) }):
			return fmt.Sprintf("; unpack %s", name)
		case lower == "data_batch_1" || lower == "batches.meta" || lower == "meta" && slices.Contains(names, "train"):
			return "; these are CIFAR's files for Python, of which only the binary version is read"
		case strings.HasSuffix(lower, npzEnd) && !part:
			return fmt.Sprintf("; to read %s, give its own path", name)
		case strings.HasSuffix(name, "/"):
			if folders++; folders > mostFolders {
				continue
			}
			if found := search(dir, name, 3); found != "" {
				return fmt.Sprintf("; the files may be those in %s", found)
			}
		}
	}
	if folders > 0 {
		return "; if these are folders of pictures, one for each class, cmd/dataset makes IDX files of them"
	}
	return ""
}

const mostFolders = 20 // to look into at each level

// search returns the first folder that has files of a set: the one of that name or
// one below it, down to depth levels. It is "" if there is none.
func search(dir fs.FS, folder string, depth int) string {
	sub, err := fs.Sub(dir, path.Clean(folder))
	if err != nil || depth == 0 {
		return ""
	}
	f, err := list(sub)
	if err != nil {
		return ""
	}
	if len(f.sets) > 0 || slices.ContainsFunc(cifars, func(c cifar) bool { return c.in(f.all) }) {
		return folder
	}
	folders := slices.DeleteFunc(f.all, func(name string) bool { return !strings.HasSuffix(name, "/") })
	for _, name := range folders[:min(mostFolders, len(folders))] {
		if found := search(dir, folder+name, depth-1); found != "" {
			return found
		}
	}
	return ""
}
