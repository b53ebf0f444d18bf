package io.trainyard.grpc;

import io.trainyard.grpc.protocol.InferStatistics;
import io.trainyard.grpc.protocol.ModelMetadataResponse;
import io.trainyard.grpc.protocol.ModelMetadataResponse.TensorMetadata;
import io.trainyard.grpc.protocol.ModelStatistics;
import io.trainyard.grpc.protocol.ModelStatisticsResponse;
import io.trainyard.grpc.protocol.RepositoryIndexResponse;
import io.trainyard.grpc.protocol.RepositoryIndexResponse.ModelIndex;
import io.trainyard.grpc.protocol.StatisticDuration;
import io.trainyard.predict.VersionStatistics;
import io.trainyard.predict.request.DataType;
import io.trainyard.predict.request.NamedInputs;
import io.trainyard.predict.serving.ServedModels;
import java.util.List;

/** The protocol's messages about models. */
final class ModelMessages {
  private ModelMessages() {}

  static ModelMetadataResponse metadata(ServedModels.Description model) {
    return ModelMetadataResponse.newBuilder()
        .setName(model.name())
        .addAllVersions(model.versions())
        .setPlatform(model.platform())
        .addAllInputs(model.inputs().stream().map(ModelMessages::tensor).toList())
        .addAllOutputs(model.outputs().stream().map(ModelMessages::tensor).toList())
        .build();
  }

  private static TensorMetadata tensor(NamedInputs.Described tensor) {
    TensorMetadata.Builder described =
        TensorMetadata.newBuilder()
            .setName(tensor.name())
            .setDatatype(DataType.of(tensor.type()).name())
            .addShape(-1);
    tensor.row().dims().forEach(described::addShape);
    return described.build();
  }

  static RepositoryIndexResponse index(List<ServedModels.Entry> entries, boolean readyOnly) {
    RepositoryIndexResponse.Builder index = RepositoryIndexResponse.newBuilder();
    for (ServedModels.Entry entry : entries) {
      if (entry.ready() || !readyOnly) {
        index.addModels(
            ModelIndex.newBuilder()
                .setName(entry.name())
                .setVersion(entry.version())
                .setState(entry.ready() ? "READY" : "UNAVAILABLE")
                .setReason(entry.reason()));
      }
    }
    return index.build();
  }

  static ModelStatisticsResponse statistics(List<ServedModels.Usage> versions) {
    ModelStatisticsResponse.Builder all = ModelStatisticsResponse.newBuilder();
    for (ServedModels.Usage usage : versions) {
      VersionStatistics found = usage.statistics();
      all.addModelStats(
          ModelStatistics.newBuilder()
              .setName(usage.version().model())
              .setVersion(String.valueOf(usage.version().version()))
              .setLastInference(found.lastMillis())
              .setInferenceCount(found.rows())
              .setExecutionCount(found.answered().count())
              .setInferenceStats(
                  InferStatistics.newBuilder()
                      .setSuccess(duration(found.answered()))
                      .setFail(duration(found.failed()))
                      .setQueue(duration(found.queued()))
                      .setComputeInput(duration(found.read()))
                      .setComputeInfer(duration(found.computed()))
                      .setComputeOutput(duration(found.written()))));
    }
    return all.build();
  }

  private static StatisticDuration duration(VersionStatistics.Total total) {
    return StatisticDuration.newBuilder().setCount(total.count()).setNs(total.nanos()).build();
  }
}
