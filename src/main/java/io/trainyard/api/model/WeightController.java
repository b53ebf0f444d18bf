package io.trainyard.api.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.trainyard.api.BodyMemory;
import io.trainyard.api.MediaTypes;
import io.trainyard.api.TensorAnswers;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.model.ModelVersion;
import io.trainyard.model.StoredWeights;
import io.trainyard.model.VersionDefinition;
import io.trainyard.model.VersionResolver;
import io.trainyard.model.WeightStore;
import io.trainyard.model.dense.CollapsedStack;
import io.trainyard.model.dense.MatlabView;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.SafeTensors;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.AbstractResource;
import org.springframework.core.io.InputStreamResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRange;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** The weights of versions: as a file, tensor by tensor, and as other tools show them. */
@RestController
@RequestMapping("/v1/models/{model}/versions/{version}")
record WeightController(VersionResolver resolver, WeightStore weights, JsonMapper mapper) {
  private static final int SHOWN_NAMES = 20;

  @GetMapping(path = "/weights", produces = MediaTypes.SAFETENSORS)
  ResponseEntity<Resource> weights(
      @PathVariable String model,
      @PathVariable String version,
      @RequestHeader(name = "Range", required = false) @Nullable String range)
      throws IOException {
    ModelVersion found = resolver.resolve(model, version).requireTensors();
    // Damage is told before the answer begins.
    weights.file(found.weights()).close();
    long length = found.weights().bytes();
    boolean isPart = isOneRange(range, length);
    ResponseEntity.BodyBuilder answer = ResponseEntity.ok();
    if (!isPart) {
      answer.contentLength(length);
    }
    return answer
        .header(HttpHeaders.ACCEPT_RANGES, "bytes")
        .eTag('"' + found.weights().sha256() + '"')
        .header(
            HttpHeaders.CONTENT_DISPOSITION,
            MediaTypes.attachment(model + "-" + found.version() + ".safetensors"))
        .body(
            // Spring reads ranges of any resource but this kind.
            isPart
                ? new WeightsResource(found.weights())
                : new InputStreamResource(new WeightsResource(found.weights())));
  }

  /** A file that is held while it is sent. */
  private final class WeightsResource extends AbstractResource {
    private final StoredWeights stored;

    WeightsResource(StoredWeights stored) {
      this.stored = stored;
    }

    @Override
    public long contentLength() {
      return stored.bytes();
    }

    @Override
    public String getDescription() {
      return "weights " + stored.sha256();
    }

    @Override
    public InputStream getInputStream() throws IOException {
      return weights.file(stored).open();
    }
  }

  /** A server may ignore ranges: several at once, or one beyond the end, get the whole file. */
  private static boolean isOneRange(@Nullable String header, long length) {
    try {
      List<HttpRange> ranges = HttpRange.parseRanges(header);
      return ranges.size() == 1 && ranges.getFirst().getRangeStart(length) < length;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  @GetMapping(
      path = "/weights/{tensor}",
      produces = {MediaType.APPLICATION_JSON_VALUE, MediaTypes.NPY})
  void tensor(
      @PathVariable String model,
      @PathVariable String version,
      @PathVariable String tensor,
      HttpServletRequest request,
      HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    ModelVersion found = resolver.resolve(model, version).requireTensors();
    try (SafeTensors file = weights.open(found.weights())) {
      HostTensor wanted = file.tensors().get(tensor);
      if (wanted == null) {
        throw new ServiceException(
            ErrorCode.TENSOR_NOT_FOUND,
            "%s stores no '%s'; it stores %s".formatted(found.reference(), tensor, few(file)));
      }
      TensorAnswers.write(tensor, wanted, request, response, mapper);
    }
  }

  private static String few(SafeTensors file) {
    String names =
        file.tensors().keySet().stream().limit(SHOWN_NAMES).collect(Collectors.joining(", "));
    int others = file.tensors().size() - SHOWN_NAMES;
    return others > 0 ? names + " and " + others + " more" : names;
  }

  /** The cells of MATLAB's network object. */
  @GetMapping("/matlab")
  MatlabAnswer matlab(@PathVariable String model, @PathVariable String version) {
    ModelVersion found = resolver.resolve(model, version).requireTensors();
    reserveValues(found);
    try (SafeTensors file = weights.open(found.weights())) {
      MatlabView view = MatlabView.of(VersionDefinition.of(found), file.tensors());
      return new MatlabAnswer(
          view.inputs(), view.layers(), view.transferFunctions(), view.iw(), view.lw(), view.b());
    }
  }

  /** The values of all weights, in an answer that is written as a whole. */
  private static void reserveValues(ModelVersion version) {
    BodyMemory.reserveAnswer(
        2 * version.weights().bytes(), "Read the weights as a file, or one by one");
  }

  /** Stacks of linear layers, each as one equal layer. */
  @GetMapping("/collapsed")
  Collapsed collapsed(@PathVariable String model, @PathVariable String version) {
    ModelVersion found = resolver.resolve(model, version).requireTensors();
    reserveValues(found);
    try (SafeTensors file = weights.open(found.weights())) {
      return new Collapsed(CollapsedStack.of(VersionDefinition.of(found), file.tensors()));
    }
  }

  record Collapsed(List<CollapsedStack> stacks) {}

  /** With MATLAB's own names for its cells. */
  record MatlabAnswer(
      List<String> inputs,
      List<String> layers,
      List<String> transferFunctions,
      @JsonProperty("IW") List<List<double @Nullable [][]>> iw,
      @JsonProperty("LW") List<List<double @Nullable [][]>> lw,
      List<double[]> b) {}
}
