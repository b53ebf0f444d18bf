package io.trainyard.api;

import io.trainyard.error.ErrorCode;
import io.trainyard.error.FailureClassifier;
import io.trainyard.error.ServiceException;
import io.trainyard.error.Violation;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.coyote.BadRequestException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.TypeMismatchException;
import org.springframework.http.HttpStatus;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MissingPathVariableException;
import org.springframework.web.bind.MissingRequestHeaderException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.ServletRequestBindingException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.context.request.async.AsyncRequestTimeoutException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.multipart.MaxUploadSizeExceededException;
import org.springframework.web.multipart.MultipartException;
import org.springframework.web.multipart.support.MissingServletRequestPartException;
import org.springframework.web.servlet.NoHandlerFoundException;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** The only place that translates a failure to a problem. */
@RestControllerAdvice
record ProblemAdvice(ProblemWriter writer, HtmlProblem pages, List<FailureClassifier> classifiers) {
  private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

  /** Marks a request whose body ended too early. */
  static final String BROKEN_OFF = ProblemAdvice.class.getName() + ".brokenOff";

  @ExceptionHandler(Exception.class)
  void answer(Exception failure, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (failure instanceof AsyncRequestNotUsableException || clientLeft(failure)) {
      // The caller has probably left. If not, it gets its answer from FallbackErrorController.
      request.setAttribute(BROKEN_OFF, true);
      return;
    }
    if (failure instanceof ErrorResponse standard) {
      standard
          .getHeaders()
          .forEach((name, headers) -> headers.forEach(header -> response.setHeader(name, header)));
    }
    if (response.isCommitted()) {
      // A part of the answer has been sent: without its end, nobody takes it for the whole.
      CallerValve.breakOff(request);
    }
    Problem problem = problem(failure, request);
    response.addHeader("Vary", "Accept"); // a cache must not give programs the page
    // A person who follows a wrong link needs a way on; other refusals are for programs.
    if (problem.status() == HttpStatus.NOT_FOUND.value() && Browser.asks(request)) {
      writer.write(problem, pages, response);
    } else {
      writer.write(problem, response);
    }
  }

  /** The problem that tells the caller about a failure. */
  Problem problem(Throwable failure, HttpServletRequest request) {
    return switch (failure) {
      case Throwable e when isOutOfMemory(e) -> outOfMemory(e, request);
      case ServiceException e when e.code().family() != ErrorCode.Family.INTERNAL ->
          Problem.of(e, path(request));
      case HttpMessageNotReadableException e when e.getCause() instanceof ServiceException cause ->
          problem(cause, request);
      case HttpMessageNotReadableException e ->
          at(request, ErrorCode.MALFORMED_BODY, "A body is expected here and could not be read");
      case MissingServletRequestParameterException e ->
          parameter(request, e.getParameterName(), "is required");
      case MethodArgumentTypeMismatchException e ->
          parameter(request, e.getName(), TypeMismatch.detail(e));
      case TypeMismatchException e ->
          parameter(request, String.valueOf(e.getPropertyName()), TypeMismatch.detail(e));
      case MissingRequestHeaderException e ->
          at(
              request,
              ErrorCode.INVALID_PARAMETER,
              "The header '" + e.getHeaderName() + "' is required");
      case MissingPathVariableException e -> internal(e, request);
      case ServletRequestBindingException e ->
          at(request, ErrorCode.INVALID_PARAMETER, "A parameter is missing or unusable");
      case MissingServletRequestPartException e ->
          Problem.of(
              ErrorCode.INVALID_BODY,
              "The part '" + e.getRequestPartName() + "' is required",
              path(request),
              List.of(
                  new Violation(
                      Violation.pointer("", e.getRequestPartName()), "This part is required")));
      case MaxUploadSizeExceededException e ->
          at(
              request,
              ErrorCode.BODY_TOO_LARGE,
              "The body has more bytes or parts than this service accepts");
      case MultipartException e when e.getCause() instanceof ServiceException cause ->
          problem(cause, request);
      case MultipartException e ->
          classified(e)
              .map(known -> unavailable(known, request))
              .orElseGet(
                  () ->
                      at(
                          request,
                          ErrorCode.MALFORMED_BODY,
                          "A multipart/form-data body is expected here and could not be read"));
      case HttpRequestMethodNotSupportedException e ->
          at(
              request,
              ErrorCode.METHOD_NOT_ALLOWED,
              e.getMethod() + " is not possible here, only " + possible(e));
      case HttpMediaTypeNotSupportedException e ->
          at(
              request,
              ErrorCode.UNSUPPORTED_MEDIA_TYPE,
              "The body has "
                  + (e.getContentType() == null ? "no media type" : "type " + e.getContentType())
                  + "; expected: "
                  + MediaTypes.list(e.getSupportedMediaTypes()));
      case HttpMediaTypeNotAcceptableException e ->
          at(
              request,
              ErrorCode.NOT_ACCEPTABLE,
              "The answer can be "
                  + MediaTypes.list(e.getSupportedMediaTypes())
                  + ", not "
                  + request.getHeader("Accept"));
      case NoResourceFoundException e -> nothingHere(request);
      case NoHandlerFoundException e -> nothingHere(request);
      case AsyncRequestTimeoutException e ->
          at(request, ErrorCode.UNAVAILABLE, "The answer was not ready in time");
      case InvalidParameterException e ->
          at(request, ErrorCode.MALFORMED_REQUEST, "The query string cannot be decoded");
      case BadRequestException e ->
          at(request, ErrorCode.MALFORMED_REQUEST, "The body's transfer encoding is broken");
      case ErrorResponse e when e.getStatusCode().is4xxClientError() ->
          at(
              request,
              Problem.code(e.getStatusCode().value()),
              String.valueOf(e.getBody().getDetail()));
      default ->
          classified(failure)
              .map(known -> unavailable(known, request))
              .orElseGet(() -> internal(failure, request));
    };
  }

  private static Problem at(HttpServletRequest request, ErrorCode code, String detail) {
    return Problem.of(code, detail, path(request), List.of());
  }

  /** The original path, also when the request was forwarded to the error page. */
  private static String path(HttpServletRequest request) {
    Object failed = request.getAttribute(RequestDispatcher.ERROR_REQUEST_URI);
    return failed == null ? request.getRequestURI() : failed.toString();
  }

  private static Problem nothingHere(HttpServletRequest request) {
    return at(request, ErrorCode.ROUTE_NOT_FOUND, "There is nothing at " + path(request));
  }

  private static Problem parameter(HttpServletRequest request, String name, String fault) {
    return at(request, ErrorCode.INVALID_PARAMETER, "The parameter '" + name + "' " + fault);
  }

  private static String possible(HttpRequestMethodNotSupportedException e) {
    String[] methods = e.getSupportedMethods();
    return methods == null
        ? "nothing"
        : Stream.of(methods).sorted().collect(Collectors.joining(", "));
  }

  private static Problem unavailable(ServiceException e, HttpServletRequest request) {
    // The outage itself is logged once, not by each call.
    log.debug("{} {} was not answered", request.getMethod(), path(request), e);
    return Problem.of(e, path(request));
  }

  private Optional<ServiceException> classified(Throwable failure) {
    return classifiers.stream()
        .flatMap(classifier -> classifier.classify(failure).stream())
        .findFirst();
  }

  /** The caller gets an id; the log has the rest under it. */
  private static Problem internal(Throwable e, HttpServletRequest request) {
    String id = UUID.randomUUID().toString();
    log.error("Failure {} in {} {}", id, request.getMethod(), path(request), e);
    ErrorCode code = e instanceof ServiceException known ? known.code() : ErrorCode.INTERNAL;
    String detail = e instanceof ServiceException known ? known.detail() : code.title();
    return at(request, code, detail + "; the log has more under " + id);
  }

  /** Spring wraps an error of a handler. */
  private static boolean isOutOfMemory(Throwable failure) {
    return failure instanceof OutOfMemoryError || failure.getCause() instanceof OutOfMemoryError;
  }

  /** The request's own objects are garbage by now, so the process can go on. */
  private static Problem outOfMemory(Throwable e, HttpServletRequest request) {
    log.warn("{} {} found no free heap", request.getMethod(), path(request), e);
    return at(
        request,
        ErrorCode.UNAVAILABLE,
        "The service has no memory left for this request; retry later, or send less at once");
  }

  private static boolean clientLeft(Throwable failure) {
    for (Throwable e = failure; e != null; e = e.getCause()) {
      if (e.getClass().getSimpleName().equals("ClientAbortException")) {
        return true;
      }
    }
    return false;
  }
}
