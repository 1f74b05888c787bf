// Asks a proxy with net/http, and prints what came of it as JSON: go-client URL SIZE [CA]
package main

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func read(answer *http.Response, err error) []byte {
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	return must(io.ReadAll(answer.Body))
}

func main() {
	base, size := os.Args[1], must(strconv.Atoi(os.Args[2]))
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if len(os.Args) > 3 {
		roots := x509.NewCertPool()
		roots.AppendCertsFromPEM(must(os.ReadFile(os.Args[3])))
		transport.TLSClientConfig = &tls.Config{RootCAs: roots}
	}
	client := &http.Client{Transport: transport}
	body := bytes.Repeat([]byte{'x'}, size)

	many := 0
	for range 20 {
		many += len(read(client.Get(base+"/bytes/10"))) / 10
	}
	first := must(client.Get(base))
	io.Copy(io.Discard, first.Body)
	var upload, stream map[string]any
	json.Unmarshal(read(client.Post(base+"/upload", "application/octet-stream", bytes.NewReader(body))), &upload)
	// Of a length that net/http does not know.
	json.Unmarshal(read(client.Post(base+"/upload", "application/octet-stream", io.MultiReader(bytes.NewReader(body)))), &stream)
	download := len(read(client.Get(base + "/bytes/" + os.Args[2])))
	elsewhere := must(url.Parse(base))
	elsewhere.Path = "/nobody"
	lost := must(client.Get(elsewhere.String()))
	sum := sha256.Sum256(body)
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"many": many, "upload": upload, "stream": stream, "download": download, "lost": lost.StatusCode,
		"version": first.Proto, "sha256": hex.EncodeToString(sum[:]),
	})
}
