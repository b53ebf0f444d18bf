package io.trainyard.grpc;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc;
import io.trainyard.grpc.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.trainyard.grpc.protocol.InferTensorContents;
import io.trainyard.grpc.protocol.ModelInferRequest;
import io.trainyard.grpc.protocol.ModelInferRequest.InferInputTensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.springframework.context.ApplicationContext;
import org.springframework.grpc.server.lifecycle.GrpcServerLifecycle;

/** Calls of this service by gRPC, while {@code trainyard bake} records its work. */
public final class PracticeCalls implements AutoCloseable {
  private final ManagedChannel channel;
  private final GRPCInferenceServiceBlockingStub service;

  /** Connects to a service of this process. */
  public PracticeCalls(ApplicationContext started) {
    int port = started.getBean(GrpcServerLifecycle.class).getPort();
    channel = ManagedChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    service = GRPCInferenceServiceGrpc.newBlockingStub(channel);
  }

  /** Predicts rows of numbers, once as typed contents and once as bytes. */
  public void infer(String model, List<String> columns, int rows) {
    ModelInferRequest.Builder typed = ModelInferRequest.newBuilder().setModelName(model);
    ModelInferRequest.Builder raw = ModelInferRequest.newBuilder().setModelName(model);
    for (String column : columns) {
      InferInputTensor.Builder tensor =
          InferInputTensor.newBuilder()
              .setName(column)
              .setDatatype("FP64")
              .addAllShape(List.of((long) rows, 1L));
      InferTensorContents.Builder contents = InferTensorContents.newBuilder();
      ByteBuffer bytes = ByteBuffer.allocate(rows * Double.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (int row = 0; row < rows; row++) {
        contents.addFp64Contents(row % 5);
        bytes.putDouble(row % 5);
      }
      raw.addInputs(tensor);
      raw.addRawInputContents(ByteString.copyFrom(bytes.flip()));
      typed.addInputs(tensor.setContents(contents));
    }
    var _ = service.modelInfer(typed.build());
    var _ = service.modelInfer(raw.build());
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
