package io.trainyard.api;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends a problem, or the error of the inference protocol below its path. Ignores the {@code
 * Accept} header.
 */
@Component
public class ProblemWriter {
  private static final String RETRY_AFTER_SECONDS = "1";

  private final JsonMapper mapper;

  ProblemWriter(JsonMapper mapper) {
    this.mapper = mapper;
  }

  /** Does nothing when a part of another answer has already been sent. */
  public void write(Problem problem, HttpServletResponse response) throws IOException {
    if (response.isCommitted()) {
      return;
    }
    response.resetBuffer();
    boolean infers = InferenceError.isFor(problem);
    response.setStatus(infers ? InferenceError.status(problem) : problem.status());
    response.setContentType(infers ? MediaType.APPLICATION_JSON_VALUE : Problem.MEDIA_TYPE);
    response.setHeader("Content-Disposition", null);
    if (problem.status() == 503) {
      response.setHeader("Retry-After", RETRY_AFTER_SECONDS);
    }
    byte[] body = mapper.writeValueAsBytes(infers ? InferenceError.of(problem) : problem);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
    response.flushBuffer();
  }
}
