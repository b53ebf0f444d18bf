package io.trainyard.api;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Sends a problem. Ignores the {@code Accept} header. */
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
    response.setStatus(problem.status());
    response.setContentType(Problem.MEDIA_TYPE);
    response.setHeader("Content-Disposition", null);
    if (problem.status() == 503) {
      response.setHeader("Retry-After", RETRY_AFTER_SECONDS);
    }
    byte[] body = mapper.writeValueAsBytes(problem);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
    response.flushBuffer();
  }
}
