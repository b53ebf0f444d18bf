package io.trainyard.api.idempotency;

import io.trainyard.api.HttpProperties;
import io.trainyard.api.Problem;
import io.trainyard.api.ProblemWriter;
import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.IdempotencyKeys;
import io.trainyard.job.IdempotencyKeys.Answer;
import io.trainyard.job.IdempotencyKeys.Claim;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.Principal;
import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Lets a caller repeat a creating call under the same {@code Idempotency-Key}: it is run once, and
 * the repetition gets the first answer.
 */
@Component
final class IdempotencyFilter extends OncePerRequestFilter {
  private static final Logger log = LoggerFactory.getLogger(IdempotencyFilter.class);
  private static final String HEADER = "Idempotency-Key";
  private static final int MAX_KEY = 255;

  /** Answers that make nothing, and uploads of rows: the same rows are the same version anyway. */
  private static final Pattern CREATES_NOTHING =
      Pattern.compile("/v1/datasets|/v1/models:.*|.*(/predict|:predict|/infer)");

  private final IdempotencyKeys keys;
  private final CreatedResource located;
  private final ProblemWriter problems;
  private final int maxBody;

  IdempotencyFilter(
      IdempotencyKeys keys,
      CreatedResource located,
      ProblemWriter problems,
      HttpProperties properties) {
    this.keys = keys;
    this.located = located;
    this.problems = problems;
    this.maxBody = (int) properties.maxJson().toBytes();
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    return !request.getMethod().equals("POST")
        || request.getHeader(HEADER) == null
        || !request.getRequestURI().startsWith("/v1/")
        || CREATES_NOTHING.matcher(request.getRequestURI()).matches();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      String key = key(request);
      BufferedRequest repeatable = BufferedRequest.of(request, maxBody);
      switch (keys.claim(key, repeatable.digest())) {
        case Claim.Fresh fresh -> run(fresh, repeatable, response, chain);
        case Claim.Made made -> repeat(made.answer(), response);
        case Claim.Running _ ->
            throw new ServiceException(
                ErrorCode.CONFLICT, "The first call under this Idempotency-Key is still running");
        case Claim.OtherPayload _ ->
            throw new ServiceException(
                ErrorCode.IDEMPOTENCY_KEY_REUSED,
                "This Idempotency-Key came before with another payload; take a new key");
      }
    } catch (ServiceException e) {
      problems.write(
          Problem.of(e.code(), e.detail(), request.getRequestURI(), List.of()), response);
    }
  }

  /** The key with all that it is scoped to. */
  private static String key(HttpServletRequest request) {
    String key = request.getHeader(HEADER).strip();
    if (key.length() >= 2 && key.startsWith("\"") && key.endsWith("\"")) {
      key = key.substring(1, key.length() - 1);
    }
    boolean visible = key.chars().allMatch(c -> c > 0x20 && c < 0x7f);
    if (key.isEmpty() || key.length() > MAX_KEY || !visible) {
      throw new ServiceException(
          ErrorCode.INVALID_PARAMETER,
          "Idempotency-Key must have 1 to " + MAX_KEY + " visible ASCII characters");
    }
    Principal caller = request.getUserPrincipal();
    String scope =
        (caller == null ? "" : caller.getName())
            + "\n"
            + request.getMethod()
            + "\n"
            + request.getRequestURI()
            + "\n"
            + key;
    return BufferedRequest.digest(scope);
  }

  private void run(
      Claim.Fresh claim,
      HttpServletRequest request,
      HttpServletResponse response,
      FilterChain chain)
      throws ServletException, IOException {
    ContentCachingResponseWrapper answer = new ContentCachingResponseWrapper(response);
    try {
      ScopedValue.where(IdempotencyKeys.CURRENT, claim)
          .call(
              () -> {
                chain.doFilter(request, answer);
                return null;
              });
    } catch (ServletException | IOException | RuntimeException e) {
      keys.release(claim);
      throw e;
    } catch (Exception e) {
      keys.release(claim);
      throw new ServletException(e);
    }
    settle(claim, answer);
    answer.copyBodyToResponse();
  }

  private void settle(Claim.Fresh claim, ContentCachingResponseWrapper answer) {
    try {
      if (isKept(answer.getStatus())) {
        keys.keep(
            claim,
            new Answer(
                answer.getStatus(),
                answer.getHeader("Location"),
                answer.getContentType(),
                new String(answer.getContentAsByteArray(), StandardCharsets.UTF_8)));
      } else {
        keys.release(claim);
      }
    } catch (RuntimeException e) {
      log.warn("The answer under an Idempotency-Key could not be kept: {}", e.toString());
    }
  }

  /** What the same request would be answered again, whatever happens meanwhile. */
  private static boolean isKept(int status) {
    return (status >= 200 && status < 300) || status == 400 || status == 422;
  }

  private void repeat(Answer answer, HttpServletResponse response) throws IOException {
    response.setStatus(answer.status());
    if (answer.location() != null) {
      response.setHeader("Location", answer.location());
    }
    // Without a body the first call's process died before it had answered.
    String body = answer.body() == null ? located.json(answer.location()) : answer.body();
    response.setContentType(
        answer.contentType() == null ? "application/json" : answer.contentType());
    response.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
  }
}
