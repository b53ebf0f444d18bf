package io.trainyard.api;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.ServiceException;
import io.trainyard.job.IdempotencyKeys;
import io.trainyard.job.IdempotencyKeys.Answer;
import io.trainyard.job.IdempotencyKeys.Claim;
import io.trainyard.job.JobService;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Principal;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;
import tools.jackson.databind.json.JsonMapper;

/**
 * Lets a caller repeat a creating call under the same {@code Idempotency-Key}: it is run once, and
 * the repetition gets the first answer. Uploads of rows need none; the same bytes are the same
 * version anyway.
 */
@Component
final class IdempotencyFilter extends OncePerRequestFilter {
  private static final Logger log = LoggerFactory.getLogger(IdempotencyFilter.class);
  private static final String HEADER = "Idempotency-Key";
  private static final String JOBS = "/v1/jobs/";
  private static final int MAX_KEY = 255;

  private final IdempotencyKeys keys;
  private final JobService jobs;
  private final ProblemWriter problems;
  private final JsonMapper mapper;
  private final int maxBody;

  IdempotencyFilter(
      IdempotencyKeys keys,
      JobService jobs,
      ProblemWriter problems,
      JsonMapper mapper,
      HttpProperties properties) {
    this.keys = keys;
    this.jobs = jobs;
    this.problems = problems;
    this.mapper = mapper;
    this.maxBody = (int) properties.maxJson().toBytes();
  }

  @Override
  protected boolean shouldNotFilter(HttpServletRequest request) {
    String type = request.getContentType();
    return !request.getMethod().equals("POST")
        || !request.getRequestURI().startsWith("/v1/")
        || request.getHeader(HEADER) == null
        || (type != null && !type.toLowerCase(Locale.ROOT).contains("json"));
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    try {
      String key = key(request);
      byte[] body =
          BoundedBody.read(request.getInputStream(), request.getContentLengthLong(), maxBody);
      switch (keys.claim(key, digest(String.valueOf(request.getContentType()), body))) {
        case Claim.Fresh fresh -> run(fresh, new Repeated(request, body), response, chain);
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
    return digest(scope, new byte[0]);
  }

  private static String digest(String text, byte[] bytes) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(text.getBytes(StandardCharsets.UTF_8));
      digest.update((byte) 0);
      return HexFormat.of().formatHex(digest.digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
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
    String body = answer.body() == null ? body(answer.location()) : answer.body();
    response.setContentType(
        answer.contentType() == null ? "application/json" : answer.contentType());
    response.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
  }

  /** The first call's process died before it had written its answer: the job as it is now. */
  private String body(@Nullable String location) {
    return location != null && location.startsWith(JOBS)
        ? mapper.writeValueAsString(JobView.of(jobs.find(location.substring(JOBS.length())), 0))
        : "";
  }

  /** A request whose body was read already. */
  private static final class Repeated extends HttpServletRequestWrapper {
    private final ByteArrayInputStream body;

    Repeated(HttpServletRequest request, byte[] body) {
      super(request);
      this.body = new ByteArrayInputStream(body);
    }

    @Override
    public ServletInputStream getInputStream() {
      return new ServletInputStream() {
        @Override
        public int read() {
          return body.read();
        }

        @Override
        public int read(byte[] bytes, int from, int count) {
          return body.read(bytes, from, count);
        }

        @Override
        public boolean isFinished() {
          return body.available() == 0;
        }

        @Override
        public boolean isReady() {
          return true;
        }

        @Override
        public void setReadListener(ReadListener listener) {
          throw new UnsupportedOperationException("read in the request's own thread");
        }
      };
    }
  }
}
