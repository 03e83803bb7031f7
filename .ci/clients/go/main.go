// Reads a wallet with 3,000,000,000 points, which does not fit into an int32, with a client from oapi-codegen.
package main

import (
	"context"
	"log"
	"net/http"
	"os"

	"clients/laurel"
)

func main() {
	url, token := os.Args[1], os.Args[2]
	client, err := laurel.NewClientWithResponses(url)
	if err != nil {
		log.Fatal(err)
	}
	authorize := func(_ context.Context, request *http.Request) error {
		request.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
	wallet, err := client.GetMyWalletWithResponse(context.Background(), authorize)
	if err != nil {
		log.Fatal(err)
	}
	if wallet.JSON200 == nil || wallet.JSON200.Points != 3_000_000_000 {
		log.Fatalf("the wallet was %s", wallet.Body)
	}
}
