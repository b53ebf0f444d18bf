package io.trainyard.onnx;

import ai.onnxruntime.OrtException;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import io.trainyard.model.LoadedNetwork;
import io.trainyard.onnx.format.OnnxFile;
import io.trainyard.spec.Signature;
import io.trainyard.tensor.FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Loads imported files for prediction. */
public final class OnnxNetworks {
  private final OnnxRuntime runtime;

  public OnnxNetworks(OnnxRuntime runtime) {
    this.runtime = runtime;
  }

  /**
   * Loads a file.
   *
   * @param outputs by the names that {@link OnnxImport} gave them, the types and shapes of their
   *     rows in answers
   * @param oneByOne whether each row is computed alone
   * @throws ServiceException WEIGHTS_MISMATCH when ONNX Runtime refuses it
   */
  public LoadedNetwork load(Map<String, Signature.Tensor> outputs, boolean oneByOne, Path path) {
    try {
      ByteBuffer bytes = MappedFile.of(path, Integer.MAX_VALUE);
      OnnxSignature signature = OnnxSignature.of(OnnxFile.read(bytes));
      OnnxSession session =
          new OnnxSession(
              runtime, signature.withShown(bytes.duplicate()), OnnxRuntime.Trust.FOREIGN);
      boolean alone = oneByOne || signature.rowByRow();
      return new OnnxNetwork(runtime, session, signature, outputs, alone, bytes.capacity());
    } catch (OrtException e) {
      String detail = "ONNX Runtime refuses the file: " + OnnxFailure.shown(e);
      throw new ServiceException(
          ErrorCode.WEIGHTS_MISMATCH, detail, List.of(new Violation("/onnx", detail)));
    } catch (FormatException e) {
      throw new ServiceException(ErrorCode.CORRUPT_FILE, "The ONNX file is damaged", e);
    } catch (IOException e) {
      throw new ServiceException(
          ErrorCode.UNAVAILABLE, "The ONNX file cannot be read now; try again", e);
    }
  }
}
