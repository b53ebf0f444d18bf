package io.trainyard.error;

import java.util.Locale;

/**
 * Every error on one page. The code a caller sees is the constant's name in lower case; it is part
 * of the contract and never changes its meaning. {@code ErrorCode.json}, beside this class, tells
 * callers what each means and what to do.
 */
public enum ErrorCode {
  /** The request line or a header cannot be understood. */
  MALFORMED_REQUEST(Family.UNREADABLE, "The request cannot be read"),
  /** The body is not JSON, or not of its media type. */
  MALFORMED_BODY(Family.UNREADABLE, "The body cannot be read"),
  /** A query parameter, path variable or header has an unusable value. */
  INVALID_PARAMETER(Family.UNREADABLE, "A parameter is invalid"),
  /** The body can be read, but something in it is wrong; the violations say where. */
  INVALID_BODY(Family.INVALID, "The request is invalid"),
  /** The rows of an upload are wrong; the violations name lines. */
  INVALID_ROWS(Family.INVALID, "Some rows cannot be read"),
  /** An idempotency key was reused with another payload. */
  IDEMPOTENCY_KEY_REUSED(Family.INVALID, "The idempotency key was used for another request"),
  /** A model without targets can be served, not trained. */
  NO_TARGETS(Family.INVALID, "The model has no targets to train on"),
  /** A job, a prediction or an answer does not fit in the memory that this service may use. */
  TOO_MUCH_MEMORY(Family.INVALID, "More memory is needed than is available"),
  /** A weights file does not match the network. */
  WEIGHTS_MISMATCH(Family.INVALID, "The weights do not match the network"),
  /** A version has no faithful form in another format; the violations name its layers. */
  NOT_EXPORTABLE(Family.INVALID, "The version cannot be exported"),
  /** No prediction can be made of a network's outputs. */
  NOT_ANSWERABLE(Family.INVALID, "The version cannot answer"),

  ROUTE_NOT_FOUND(Family.NOT_FOUND, "There is nothing at this path"),
  DATASET_NOT_FOUND(Family.NOT_FOUND, "There is no such dataset"),
  SAMPLE_NOT_FOUND(Family.NOT_FOUND, "There is no such sample"),
  MODEL_NOT_FOUND(Family.NOT_FOUND, "There is no such model"),
  VERSION_NOT_FOUND(Family.NOT_FOUND, "There is no such version"),
  ALIAS_NOT_FOUND(Family.NOT_FOUND, "There is no such alias"),
  TENSOR_NOT_FOUND(Family.NOT_FOUND, "There is no such tensor"),
  JOB_NOT_FOUND(Family.NOT_FOUND, "There is no such job"),
  EVALUATION_NOT_FOUND(Family.NOT_FOUND, "The job has no evaluation"),
  SWEEP_NOT_FOUND(Family.NOT_FOUND, "There is no such sweep"),
  SCHEMA_NOT_FOUND(Family.NOT_FOUND, "There is no such schema"),
  KEY_NOT_FOUND(Family.NOT_FOUND, "There is no such key"),

  /** No key or token, or one that is not valid. */
  UNAUTHENTICATED(Family.UNAUTHENTICATED, "A valid key is needed"),
  /** The key lacks a scope, or is bound to other models. */
  FORBIDDEN(Family.FORBIDDEN, "The key does not allow this"),
  RATE_LIMITED(Family.LIMITED, "Too many requests"),
  /** The caller has stored or queued as much as it may. */
  QUOTA_EXCEEDED(Family.LIMITED, "The quota is used up"),

  /** A call that its protocol cannot carry; only the API for that protocol uses these. */
  METHOD_NOT_ALLOWED(Family.PROTOCOL, "The method is not allowed here"),
  NOT_ACCEPTABLE(Family.PROTOCOL, "None of the accepted media types can be produced"),
  UNSUPPORTED_MEDIA_TYPE(Family.PROTOCOL, "The media type of the body is not supported here"),
  /** A browser sent it for a page of another web site. */
  CROSS_SITE(Family.PROTOCOL, "A page of another web origin may not do this"),
  /** The host that the call names is not one of this service. */
  WRONG_HOST(Family.PROTOCOL, "The service does not answer under this host"),
  /** The body arrived more slowly than the service waits for it. */
  SLOW_BODY(Family.PROTOCOL, "The body arrived too slowly"),

  BODY_TOO_LARGE(Family.TOO_LARGE, "The body is too large"),

  ALREADY_EXISTS(Family.CONFLICT, "It already exists"),
  IN_USE(Family.CONFLICT, "It is still needed"),
  NOT_FINISHED(Family.CONFLICT, "The job has not finished"),
  CONFLICT(Family.CONFLICT, "The present state does not allow this"),
  PRECONDITION_FAILED(Family.PRECONDITION, "The resource is not in the expected state"),

  QUEUE_FULL(Family.BUSY, "The queue is full"),
  LOADING(Family.BUSY, "The model is still loading"),
  UNAVAILABLE(Family.BUSY, "A part of the service is not available"),
  /** An allocation failed, or a worker of a job died for lack of memory. */
  OUT_OF_MEMORY(Family.BUSY, "There was not enough memory"),

  /** Training failed: the fault of a job, not of a request. */
  NON_FINITE_LOSS(Family.INVALID, "The loss is not a finite number"),
  /** The time limit of a job came before its first epoch ended. */
  TIME_LIMIT(Family.INVALID, "The time limit came before the first epoch ended"),
  /** The native code that computes a network crashes on it. */
  WORKER_CRASHED(Family.INVALID, "Native code crashed while it computed the network"),
  /** The processes that ran the job died repeatedly. */
  WORKER_LOST(Family.INTERNAL, "The job's workers died"),
  /** A stored file is missing, or its bytes have changed since they were written. */
  CORRUPT_FILE(Family.INTERNAL, "A stored file is damaged"),
  INTERNAL(Family.INTERNAL, "Something went wrong inside the service");

  /** What an error means for its caller. Each protocol decides how it answers a family. */
  public enum Family {
    /** The request cannot be read: correct its form. */
    UNREADABLE,
    /** The request can be read, but not fulfilled: correct its content. */
    INVALID,
    NOT_FOUND,
    /** Say who calls. */
    UNAUTHENTICATED,
    /** This caller may not. */
    FORBIDDEN,
    /** The caller has used what it may use: wait, or free some. */
    LIMITED,
    /** The protocol of the call refuses it, before its content matters. */
    PROTOCOL,
    /** The request is larger than allowed. */
    TOO_LARGE,
    /** The state of a resource forbids it: change that state first. */
    CONFLICT,
    /** The resource has changed since the caller read it: read it again. */
    PRECONDITION,
    /** Not now: retry later. */
    BUSY,
    /** A fault of the service. */
    INTERNAL
  }

  private final Family family;
  private final String title;

  ErrorCode(Family family, String title) {
    this.family = family;
    this.title = title;
  }

  public Family family() {
    return family;
  }

  public String title() {
    return title;
  }

  /** The code as callers see it. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
