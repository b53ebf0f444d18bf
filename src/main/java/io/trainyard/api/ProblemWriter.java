package io.trainyard.api;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends a problem, or the error of the inference protocol below its path, whatever the {@code
 * Accept} header says; {@link ProblemAdvice} shows browsers a page.
 */
@Component
public record ProblemWriter(JsonMapper mapper) {
  private static final String RETRY_AFTER = "Retry-After";
  private static final String CHALLENGE = "Bearer realm=\"trainyard\"";

  /** Does nothing when a part of another answer has already been sent. */
  public void write(Problem problem, HttpServletResponse response) throws IOException {
    boolean infers = InferenceError.isFor(problem);
    write(
        problem,
        infers ? InferenceError.status(problem) : problem.status(),
        infers ? MediaType.APPLICATION_JSON_VALUE : Problem.MEDIA_TYPE,
        mapper.writeValueAsBytes(infers ? InferenceError.of(problem) : problem),
        response);
  }

  /** Shows a problem to a person. */
  void write(Problem problem, HtmlProblem pages, HttpServletResponse response) throws IOException {
    response.setHeader("Content-Security-Policy", Browser.POLICY);
    write(
        problem,
        problem.status(),
        "text/html;charset=UTF-8",
        pages.page(problem).getBytes(StandardCharsets.UTF_8),
        response);
  }

  private static void write(
      Problem problem, int status, String type, byte[] body, HttpServletResponse response)
      throws IOException {
    if (response.isCommitted()) {
      return;
    }
    response.resetBuffer();
    response.setStatus(status);
    response.setContentType(type);
    response.setHeader("Content-Disposition", null);
    response.addHeader("Link", Problem.link(problem.code()));
    if (problem.status() == 401) {
      setIfAbsent(response, "WWW-Authenticate", CHALLENGE);
    }
    Duration wait = problem.retryAfter();
    if (wait != null) {
      long seconds = Math.max(1, wait.plusMillis(999).toSeconds());
      setIfAbsent(response, RETRY_AFTER, String.valueOf(seconds));
    }
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
    response.flushBuffer();
  }

  /** As {@link #write(Problem, HttpServletResponse)}, for a request that a filter refuses. */
  public void refuse(
      ErrorCode code, String detail, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    write(Problem.of(code, detail, request.getRequestURI(), List.of()), response);
  }

  /** As {@link #write(Problem, HttpServletResponse)}, for a refusal. */
  public void write(ServiceException refusal, String path, HttpServletResponse response)
      throws IOException {
    write(Problem.of(refusal, path), response);
  }

  private static void setIfAbsent(HttpServletResponse response, String name, String text) {
    if (!response.containsHeader(name)) {
      response.setHeader(name, text);
    }
  }
}
