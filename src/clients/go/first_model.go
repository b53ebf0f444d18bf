// A first model with the client that openapi-generator makes for Go: upload, validate, train,
// follow, predict.
//
//	curl -s localhost:8080/v3/api-docs -o openapi.json
//	openapi-generator-cli generate -i openapi.json -g go -o trainyard --package-name trainyard
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log"
	"math/rand"
	"net/http"
	"os"
	"strings"

	"trainyard"
)

func rows() string {
	random := rand.New(rand.NewSource(1))
	csv := "x,y,side\n"
	for i := 0; i < 200; i++ {
		x, y := random.Float64(), random.Float64()
		side := "below"
		if x+y > 1 {
			side = "above"
		}
		csv += fmt.Sprintf("%g,%g,%s\n", x, y, side)
	}
	return csv
}

func dense(units int32, activation string) trainyard.Layer {
	layer := trainyard.NewDenseLayer("dense", units)
	layer.SetActivation(trainyard.StringAsActivation(&activation))
	return trainyard.DenseLayerAsLayer(layer)
}

func model() trainyard.ModelOrName {
	input := trainyard.NewInput()
	input.SetColumns([]string{"x", "y"})
	target := trainyard.NewTarget()
	target.SetColumn("side")
	network := trainyard.NewNetwork()
	network.SetLayers([]trainyard.Layer{dense(8, "tanh"), dense(2, "softmax")})
	model := trainyard.NewModel("sides-go")
	model.SetNetwork(*network)
	model.SetInputs(map[string]trainyard.Input{"point": *input})
	model.SetTargets(map[string]trainyard.Target{"side": *target})
	return trainyard.ModelAsModelOrName(model)
}

func training() trainyard.Training {
	loss := "categorical_crossentropy"
	adam := trainyard.NewOptimizerObject("adam")
	adam.SetLearningRate(0.05)
	training := trainyard.NewTraining()
	training.SetLoss(trainyard.StringAsLoss(&loss))
	training.SetOptimizer(trainyard.OptimizerObjectAsOptimizer(adam))
	training.SetEpochs(40)
	training.SetBatchSize(20)
	training.SetSeed(1)
	return *training
}

// follow counts the epochs as they end; the generated call gives the events when the job has ended.
func follow(address, job string) (epochs int, err error) {
	answer, err := http.Get(address + "/v1/jobs/" + job + "/events")
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	lines := bufio.NewScanner(answer.Body)
	for lines.Scan() {
		if lines.Text() == "event: epoch" {
			epochs++
		}
	}
	return epochs, lines.Err()
}

func run(address string) error {
	configuration := trainyard.NewConfiguration()
	configuration.Servers = trainyard.ServerConfigurations{{URL: address}}
	client := trainyard.NewAPIClient(configuration)
	ctx := context.Background()

	dataset, _, err := client.DatasetsAPI.UploadDataset(ctx).Name("sides-go").Body(rows()).Execute()
	if err != nil {
		return err
	}
	fmt.Printf("uploaded %d rows\n", dataset.GetRows())

	selection := *trainyard.NewDatasetSelection("sides-go")
	toValidate := trainyard.NewJobToValidate(model())
	toValidate.SetDataset(selection)
	toValidate.SetTraining(training())
	validation, _, err := client.ModelsAPI.ValidateModel(ctx).JobToValidate(*toValidate).Execute()
	if err != nil {
		return err
	}
	summary := validation.GetSummary()
	fmt.Printf("valid: %v, %d parameters\n", validation.GetValid(), summary.GetParameters())

	job := trainyard.NewJob(model(), selection)
	job.SetTraining(training())
	submitted, _, err := client.JobsAPI.SubmitJob(ctx).Job(*job).Execute()
	if err != nil {
		return err
	}
	epochs, err := follow(address, submitted.GetId())
	if err != nil {
		return err
	}
	fmt.Printf("followed %d epochs\n", epochs)

	done, _, err := client.JobsAPI.ReadJob(ctx, submitted.GetId()).Wait(30).Execute()
	if err != nil {
		return err
	}
	result := done.GetResult()
	fmt.Printf("%s: version %d\n", done.GetState(), result.GetVersion())

	evaluation, _, err := client.JobsAPI.ReadEvaluation(ctx, submitted.GetId()).Execute()
	if err != nil {
		return err
	}
	confusion := evaluation.GetConfusion()["side"]
	fmt.Printf("confusion of %s\n", strings.Join(confusion.GetClasses(), ", "))

	row := map[string]interface{}{"x": 0.9, "y": 0.8}
	predict := trainyard.NewPredict([]interface{}{row})
	answer, _, err := client.PredictAPI.Predict(ctx, "sides-go").Predict(*predict).Execute()
	if err != nil {
		return err
	}
	fmt.Printf("predicted %v\n", answer.GetPredictions()[0].(map[string]interface{})["side"])

	_, _, err = client.JobsAPI.ReadJob(ctx, "none").Execute()
	failure := &trainyard.GenericOpenAPIError{}
	if !errors.As(err, &failure) {
		return fmt.Errorf("a job that is not there was read: %w", err)
	}
	problem := failure.Model().(trainyard.Problem)
	fmt.Printf("problem %d %s\n", problem.GetStatus(), problem.GetCode())

	_, err = client.ModelsAPI.DeleteModel(ctx, "sides-go").Execute()
	return err
}

func main() {
	address := "http://localhost:8080"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	if err := run(address); err != nil {
		log.Fatal(err)
	}
}
