export interface Content { read(): string }
