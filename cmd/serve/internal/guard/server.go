package guard

import (
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

// Server returns a server of h that waits for no one for long: 5 s for a header, 30 s for
// a whole request, a minute for one to read its answer or to ask again. A handler that
// streams moves its own deadlines with http.ResponseController.
func Server(h http.Handler, errorLog io.Writer) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          log.New(errorLog, "serve: ", 0),

		DisableGeneralOptionsHandler: true, // OPTIONS * has no way around h
	}
}

// Limit returns l with at most n connections open at a time; more wait to be accepted.
func Limit(l net.Listener, n int) net.Listener {
	return &limited{Listener: l, open: make(chan struct{}, n), closed: make(chan struct{})}
}

type limited struct {
	net.Listener
	open   chan struct{} // one value for each connection
	close  sync.Once
	closed chan struct{}
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.open <- struct{}{}:
	case <-l.closed:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.open
		return nil, err
	}
	return &conn{Conn: c, release: sync.OnceFunc(func() { <-l.open })}, nil
}

func (l *limited) Close() error {
	l.close.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// conn is a connection that is counted.
type conn struct {
	net.Conn
	release func()
}

func (c *conn) Close() error {
	defer c.release()
	return c.Conn.Close()
}
