/** Path of the file that a build reads. */
export const DOCKERFILE = "Dockerfile";
