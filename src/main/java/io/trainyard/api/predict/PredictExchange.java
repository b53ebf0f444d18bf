package io.trainyard.api.predict;

import io.trainyard.api.BoundedBody;
import io.trainyard.api.HttpProperties;
import io.trainyard.api.MediaTypes;
import io.trainyard.api.TensorAnswers;
import io.trainyard.dataset.CurrentCaller;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.json.JsonStream;
import io.trainyard.predict.CallerWait;
import io.trainyard.predict.PredictProperties;
import io.trainyard.predict.Prediction;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.analysis.Analysis;
import io.trainyard.predict.analysis.TrainingMeans;
import io.trainyard.predict.request.AnalysedRequest;
import io.trainyard.predict.request.ColumnarRequest;
import io.trainyard.predict.request.ImageRequest;
import io.trainyard.predict.request.JsonRequest;
import io.trainyard.predict.request.NamedTensorsRequest;
import io.trainyard.predict.request.NpyRequest;
import io.trainyard.tensor.HostTensor;
import io.trainyard.tensor.image.ImageMemory;
import io.trainyard.tensor.image.ImageRows;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import tools.jackson.core.JsonToken;

/** One predict request and its answer, whatever path it came by. */
@Component
final class PredictExchange {
  /** The member that names a signature in TensorFlow Serving; a model here has only one. */
  private static final Set<String> SIGNATURE = Set.of("signature_name");

  /** Names the targets whose labels were assumed, where an answer has no other place for that. */
  private static final String ASSUMED = "Trainyard-Assumed-Classes";

  /** To ask whether a caller has left ends its connection, so only a slow answer does that. */
  private static final long ASKED_AFTER = Duration.ofSeconds(1).toNanos();

  private final Predictor predictor;
  private final PredictionWriter writer;
  private final ImageRows images;
  private final TrainingMeans means;
  private final int maxBytes;
  private final Duration limit;

  PredictExchange(
      Predictor predictor,
      PredictionWriter writer,
      ImageMemory images,
      TrainingMeans means,
      HttpProperties properties,
      PredictProperties limits) {
    this.limit = limits.timeout();
    this.means = means;
    this.predictor = predictor;
    this.writer = writer;
    this.images = new ImageRows(images);
    this.maxBytes = (int) properties.maxPredict().toBytes();
  }

  /**
   * What a caller asks, apart from its body.
   *
   * @param version a number, an alias or {@code latest}; null: the default
   * @param output the array of an NPY answer
   * @param timeout how many seconds the caller waits; null: as long as the service allows
   */
  record Asked(
      String model,
      @Nullable String version,
      @Nullable String output,
      boolean ignoreUnknown,
      @Nullable Double timeout) {}

  /** Answers a body of a documented type. */
  void answer(Asked asked, HttpServletRequest request, HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    answer(asked, request, response, Set.of(), read(request));
  }

  /**
   * Answers as KServe V1 and TensorFlow Serving do: a body of an unknown type is JSON, a signature
   * may be named, and {@code inputs} in place of {@code instances} are whole columns.
   */
  void answerAtServingPath(Asked asked, HttpServletRequest request, HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    byte[] body = read(request);
    if (!isBinary(request.getContentType()) && hasColumns(body)) {
      ColumnarRequest columns = new ColumnarRequest(body);
      NamedTensorsRequest tensors = new NamedTensorsRequest(columns);
      try (Prediction prediction =
          predictor.predict(asked.model(), asked.version(), tensors, callerWait(asked))) {
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        List<String> assumed = prediction.definition().assumedClasses();
        if (!assumed.isEmpty()) {
          response.setHeader(ASSUMED, String.join(", ", assumed));
        }
        writer.writeColumns(prediction, tensors.named().of(prediction), response);
      }
      return;
    }
    answer(asked, request, response, SIGNATURE, body);
  }

  /** How long the caller waits. */
  private CallerWait callerWait(Asked asked) {
    double longest = limit.toNanos() / 1e9;
    double seconds = asked.timeout() == null ? longest : asked.timeout();
    if (!(seconds > 0 && seconds <= longest)) {
      throw ServiceException.parameter(
          "'timeout_seconds' must be above 0 and at most %s, was %s".formatted(longest, seconds));
    }
    long start = System.nanoTime();
    return new CallerWait(
        Duration.ofNanos((long) (seconds * 1e9)),
        () -> System.nanoTime() - start > ASKED_AFTER && CurrentCaller.hasLeft());
  }

  private byte[] read(HttpServletRequest request) throws IOException {
    return BoundedBody.read(request.getInputStream(), request.getContentLengthLong(), maxBytes);
  }

  /** Whether a body has {@code inputs}; a list of instances at its start is not read. */
  private static boolean hasColumns(byte[] body) {
    try (JsonStream in = new JsonStream(body)) {
      if (in.next() != JsonToken.START_OBJECT) {
        return false;
      }
      while (in.next() != JsonToken.END_OBJECT) {
        String name = in.name();
        if (name.equals("instances") || name.equals("inputs")) {
          return name.equals("inputs");
        }
        in.next();
        in.skip();
      }
      return false;
    }
  }

  private void answer(
      Asked asked,
      HttpServletRequest request,
      HttpServletResponse response,
      Set<String> tolerated,
      byte[] body)
      throws IOException, HttpMediaTypeNotAcceptableException {
    boolean npy = acceptsNpy(request);
    if (asked.output() != null && !npy) {
      throw ServiceException.parameter(
          "'output' chooses the array of an NPY answer; for JSON, list 'outputs' in the body");
    }
    AnalysedRequest wanted = wanted(asked, request.getContentType(), tolerated, body);
    try (Prediction prediction =
        predictor.predict(asked.model(), asked.version(), wanted, callerWait(asked))) {
      Analysis analysis = wanted.analysis();
      if (npy) {
        if (analysis.isAsked()) {
          throw new ServiceException(
              ErrorCode.INVALID_BODY,
              "An NPY answer has no room for 'samples' and 'explain'; accept application/json");
        }
        TensorAnswers.npy(array(prediction, asked.output()), response);
      } else {
        response.setContentType(MediaType.APPLICATION_JSON_VALUE);
        writer.write(prediction, wanted.outputs(), analysis, response);
      }
    }
  }

  private AnalysedRequest wanted(
      Asked asked, @Nullable String contentType, Set<String> tolerated, byte[] body) {
    List<String> outputs = asked.output() == null ? List.of() : List.of(asked.output());
    if (!isBinary(contentType)) {
      return new JsonRequest(body, asked.output(), asked.ignoreUnknown(), tolerated, images, means);
    }
    return isNpy(contentType)
        ? new NpyRequest(body, outputs)
        : new ImageRequest(body, outputs, images);
  }

  private static boolean isBinary(@Nullable String contentType) {
    return isNpy(contentType) || isImage(contentType);
  }

  private static boolean isNpy(@Nullable String contentType) {
    return contentType != null && contentType.strip().startsWith(MediaTypes.NPY);
  }

  private static boolean isImage(@Nullable String contentType) {
    if (contentType == null) {
      return false;
    }
    try {
      MediaType type = MediaType.parseMediaType(contentType);
      return type.equalsTypeAndSubtype(MediaType.IMAGE_PNG)
          || type.equalsTypeAndSubtype(MediaType.IMAGE_JPEG);
    } catch (InvalidMediaTypeException e) {
      return false;
    }
  }

  private static boolean acceptsNpy(HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    String accept = request.getHeader("Accept");
    if (accept == null || accept.equals("*/*") || accept.equals(MediaType.APPLICATION_JSON_VALUE)) {
      return false;
    }
    return TensorAnswers.prefersNpy(request);
  }

  private static HostTensor array(Prediction prediction, @Nullable String output) {
    List<String> own = prediction.definition().spec().network().outputs();
    if (output == null && own.size() > 1) {
      throw ServiceException.parameter(
          "'output' must choose one of the arrays " + String.join(", ", own));
    }
    String name = output == null ? own.getFirst() : output;
    var encoding = prediction.definition().encoding();
    return encoding == null
        ? prediction.output(name)
        : encoding.inTargetUnits(name, prediction.output(name));
  }
}
